# The job of part a in R's data.table: spells, sub-spells, panels by month and
# year.
#
#   Rscript spells_datatable.R sorted|raw DIR
#
# sorted: DIR/sorted.csv is read before the clock starts.
# raw:    DIR/source/*.csv is read, coded and sorted while it runs.
#
# One line of JSON tells time, processor time and the totals of each outcome.
# Numbers are doubles, which hold every product here exactly.

suppressPackageStartupMessages(library(data.table))
args <- commandArgs(trailingOnly = TRUE)
kind <- args[1]
folder <- args[2]
span <- 131072 # more than any day: person * span + day orders by both

read_raw <- function() {
  s <- fread(file.path(folder, "source", "midas_sjp.csv"), integer64 = "double", na.strings = "",
    colClasses = list(character = c("personnummer", "delforman", "niva", "transaktion"), Date = c("registrerad", "fran", "till")))
  who <- fread(file.path(folder, "source", "identity.csv"), integer64 = "double", na.strings = "",
    colClasses = list(character = "id_value", Date = c("valid_from", "valid_to")))
  who[, shared := uniqueN(entity) > 1, by = id_value]
  s <- merge(s, who, by.x = "personnummer", by.y = "id_value", allow.cartesian = TRUE)
  s <- s[!shared | (fran >= valid_from & (is.na(valid_to) | fran < valid_to))]
  rank <- c(SJP = 20, FSP = 10, RHP = 40, ASP = 30)
  s[is.na(niva), niva := ""]
  r <- s[, .(p = entity, tx = as.numeric(registrerad), rev = as.numeric(transaktion == "rev"),
    state = chmatch(delforman, names(rank)) * 256 + chmatch(niva, unique(niva)), rank = rank[delforman], f = as.numeric(fran),
    t = as.numeric(till) + 1, ext = as.numeric(omfattning), id = rad_id, track = arende_id, ore = belopp_ore)]
  setorder(r, p, f, id)
  r
}

# Days that several rows claim go to the row that wins them.
settle <- function(x) {
  setorder(x, id)
  x <- unique(x, by = setdiff(names(x), "id"), fromLast = TRUE)
  b <- unique(rbind(x[, .(cl, a = f)], x[, .(cl, a = t)]))
  setorder(b, cl, a)
  b[, b := shift(a, -1), by = cl]
  b <- merge(b[!is.na(b)], x, by = "cl", allow.cartesian = TRUE)[f <= a & t >= b]
  setorder(b, cl, a, track, -tx, rev, -id)
  b <- unique(b, by = c("cl", "a", "track"))[rev == 0]
  setorder(b, cl, a, -rank, -tx, -id)
  list(rows = x, won = unique(b, by = c("cl", "a"))[, .(p, f = a, t = b, state, ext)])
}

every <- as.POSIXlt(as.Date(0:24999, origin = "1970-01-01"))
month <- every$year * 12 + every$mon # months since 1900
begin <- c(rep(NA, 70 * 12), as.numeric(seq(as.Date("1970-01-01"), by = "month", length.out = 840)))

by_month <- function(d) {
  a <- month[d$f + 1]
  k <- month[d$t] - a + 1
  row <- rep.int(seq_len(nrow(d)), k)
  d <- d[row]
  d[, m := rep.int(a, k) + sequence(k) - 1]
  d[, `:=`(lo = pmax(f, begin[m + 1]), hi = pmin(t, begin[m + 2]))]
}

spells <- function(r) {
  reach <- cummax(r$p * span + r$t)
  cl <- cumsum(c(TRUE, (r$p * span + r$f)[-1] >= reach[-length(reach)]))
  many <- tabulate(cl)[cl] > 1
  one <- r[!many]
  x <- r[many]
  x[, cl := cl[many]]
  settled <- settle(x)
  held <- rbind(one[rev == 0, .(p, f, t, state, ext)], settled$won)
  setorder(held, p, f)
  starts <- held[, !(p == shift(p, fill = -1) & f == shift(t, fill = -1) & state == shift(state, fill = -1) & ext == shift(ext, fill = -1))]
  first <- which(starts)
  last <- c(first[-1] - 1, nrow(held))
  sub <- held[first, .(p, f, t = held$t[last], ext)]
  sub[, n := t - f][, net := n * ext]
  starts <- sub[, !(p == shift(p, fill = -1) & f - shift(t, fill = -1) <= 4)]
  first <- which(starts)
  last <- c(first[-1] - 1, nrow(sub))
  fall <- sub[, .(n = sum(n), net = sum(net)), by = .(nr = cumsum(starts))]
  fall[, `:=`(p = sub$p[first], f = sub$f[first], t = sub$t[last])][, gross := t - f]
  days <- by_month(sub[, .(p, f, t, ext)])[, .(p, m, n = hi - lo, net = (hi - lo) * ext, ore = 0)]
  paid <- rbind(one[ore != 0, .(p, f, t, rev, ore)], settled$rows[ore != 0, .(p, f, t, rev, ore)])
  shares <- by_month(paid)[, .(p, m, n = 0, net = 0, ore = (1 - 2 * rev) * ((ore * (hi - f)) %/% (t - f) - (ore * (lo - f)) %/% (t - f)))]
  cells <- rbind(days, shares)[, .(n = sum(n), net = sum(net), ore = sum(ore)), by = .(p, m)]
  years <- cells[, .(n = sum(n), net = sum(net), ore = sum(ore)), by = .(p, y = m %/% 12)]
  list(fall = fall, delfall = sub, manad = cells[n > 0 | ore != 0], ar = years[n > 0 | ore != 0])
}

r <- if (kind == "sorted") fread(file.path(folder, "sorted.csv"), integer64 = "double") else NULL
began <- proc.time()
if (is.null(r)) {
  r <- read_raw()
}
out <- spells(r)
took <- proc.time() - began
total <- function(d) sprintf('{"rows":%d,"persons":%d,"days":%.0f,"net":%.0f,"ore":%.0f}', nrow(d), uniqueN(d$p), sum(d$n), sum(d$net),
  if ("ore" %in% names(d)) sum(d$ore) else 0)
cat(sprintf('{"seconds":%.3f,"cpu":%.3f,"totals":{%s},"notes":{"version":"%s"}}\n', took[["elapsed"]], took[["user.self"]] + took[["sys.self"]],
  paste0('"', names(out), '":', vapply(out, total, ""), collapse = ","), packageVersion("data.table")))
