#!/bin/bash -eu
# SPDX-License-Identifier: BSD-2-Clause
# ClusterFuzzLite: the same as OSS-Fuzz, of the tree that is to be merged.
exec "$SRC/tuntap/fuzz/oss-fuzz/build.sh"
