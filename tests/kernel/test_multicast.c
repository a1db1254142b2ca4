/* SPDX-License-Identifier: BSD-2-Clause */
#include "scene.h"
const char scene_suite[] = "multicast";
const struct scene scenes[] = {{0}};
