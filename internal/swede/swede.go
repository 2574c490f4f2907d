// Package swede knows what is particular to Sweden: identity numbers of
// persons and organisations, working days, and how money is written.
//
// Begin with [Parse], which reads a personnummer or samordningsnummer and says
// which of four things is wrong with it, in a fixed order: format, century,
// date, check digit. A number that has been read is a [Personnummer]; it masks
// itself wherever it could be printed (fmt, log, JSON), and only
// [Personnummer.Reveal] gives the digits. [FindIn] looks for numbers in text
// and is what scans for leaks. [Calendar] counts working days, [Ore] writes
// money.
//
// The package is pure. It never asks what day it is: the reference day decides
// the century of a ten-digit number and is always given.
//
// Source: folkbokföringslagen (1991:481) 18 §; lag (2022:1697) om
// samordningsnummer; reference domain §5 and §6.
package swede
