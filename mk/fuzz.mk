# fuzz targets
fuzz_target =
