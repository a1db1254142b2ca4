/* SPDX-License-Identifier: BSD-2-Clause */
#include "scene.h"
const char scene_suite[] = "filter";
const struct scene scenes[] = {{0}};
