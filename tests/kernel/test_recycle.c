/* SPDX-License-Identifier: BSD-2-Clause */
#include "scene.h"
const char scene_suite[] = "recycle";
const struct scene scenes[] = {{0}};
