#!/bin/bash -eu
# SPDX-License-Identifier: BSD-2-Clause
#
# Builds every fuzz target as OSS-Fuzz and ClusterFuzzLite do. They set SRC (this repository is $SRC/tuntap), WORK, OUT,
# CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE, SANITIZER. In $OUT then: fuzz_NAME, fuzz_NAME_seed_corpus.zip,
# fuzz_NAME.dict, fuzz_NAME.options, and in lib/ what the targets are linked to and the machines that run them lack.
# check_out.py looks whether that is so.

source=$SRC/tuntap
build=$WORK/tuntap

# -DTUNTAP_FUZZ: no tests that look at sources. Old tags: for libraries of libraries as well.
cmake -S "$source" -B "$build" -G Ninja -DTUNTAP_FUZZ=ON -DTUNTAP_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" -DTUNTAP_WERROR=OFF \
    -DCMAKE_SKIP_RPATH=ON -DCMAKE_EXE_LINKER_FLAGS="-Wl,-rpath,'\$ORIGIN/lib',--disable-new-dtags"
cmake --build "$build" --target fuzz_targets

mkdir -p "$OUT/lib"
for options in "$source"/fuzz/fuzz_*.options; do
    target=$(basename "$options" .options)
    name=${target#fuzz_}
    cp "$build/fuzz/$target" "$options" "$OUT/"
    if [ -e "$source/fuzz/$target.dict" ]; then
        cp "$source/fuzz/$target.dict" "$OUT/"
    fi
    # What was found once is where to look first.
    find "$source/fuzz/corpus/$name" "$source/fuzz/regressions/$name" -type f 2>/dev/null | sort >"$build/inputs"
    (cd "$build" && tr '\n' '\0' <inputs | xargs -0 python3 "$source/fuzz/oss-fuzz/zip_inputs.py" \
        "$OUT/${target}_seed_corpus.zip")
    # The C library, the compiler's own and the loader are everywhere.
    ldd "$build/fuzz/$target" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
        grep -Ev '/(libc|libm|libdl|librt|libpthread|libresolv|libgcc_s|libstdc\+\+)\.so' |
        while read -r library; do cp -Lu "$library" "$OUT/lib/"; done
done
