# Runs the starter program of every synthetic twin, unchanged, on the twin and on
# the delivery of the same order, and compares the data frames that it makes.
#
# Usage: Rscript read_twins.R DIR (as go test ./internal/twin writes it with SLUSS_TWINS)

root <- normalizePath(commandArgs(trailingOnly = TRUE)[1])

frames <- function(folder, program) {
  here <- setwd(folder)
  on.exit(setwd(here))
  made <- new.env()
  suppressMessages(sys.source(program, envir = made))
  Filter(is.data.frame, mget(setdiff(ls(made), "filer"), envir = made))
}

kind <- function(x) if (all(is.na(x))) "" else class(x)[1]

seen <- 0
columns <- 0
kinds <- setdiff(list.files(root), if (requireNamespace("arrow", quietly = TRUE)) NULL else "parquet")
if (!requireNamespace("haven", quietly = TRUE)) kinds <- setdiff(kinds, "programs")
for (register in list.files(file.path(root, kinds), full.names = TRUE)) {
  program <- file.path(register, "twin", "las_in.R")
  twin <- frames(file.path(register, "twin"), program)
  delivery <- frames(file.path(register, "delivery"), program)
  if (length(twin) == 0 || !identical(names(twin), names(delivery))) stop(register, ": other data frames")
  for (n in names(twin)) {
    a <- twin[[n]]
    b <- delivery[[n]]
    if (nrow(a) == 0 || !identical(names(a), names(b))) stop(register, ": ", n, ": other columns")
    for (k in names(a)) {
      x <- kind(a[[k]])
      y <- kind(b[[k]])
      if (x != y && x != "" && y != "") stop(register, ": ", n, ": ", k, " is ", x, " in the twin and ", y, " in the delivery")
      if (is.factor(a[[k]]) && !identical(levels(a[[k]]), levels(b[[k]]))) stop(register, ": ", n, ": ", k, ": other codes")
      columns <- columns + 1
    }
  }
  seen <- seen + 1
}
if (seen < 25) stop("only ", seen, " registers")
cat(seen, "twins and deliveries,", columns, "columns of the same types,", paste(kinds, collapse = " and "), "\n")
