package enginetest

import "testing"

func testAgainstDays(t *testing.T, mk Maker) {}
func testRelations(t *testing.T, mk Maker)   {}
