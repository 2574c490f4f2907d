package register

import (
	"fmt"

	"sluss/internal/fault"
)

func noSnapshot(id string) error {
	return fault.New("register.no_snapshot",
		fmt.Sprintf("Det finns ingen ögonblicksbild med namnet %q.", id),
		fmt.Sprintf("There is no snapshot called %q.", id)).
		Do("Lista dem som finns med sluss-engine snapshots list.", "List those there are with sluss-engine snapshots list.")
}

func damaged(id, file string, err error) error {
	return fault.New("register.damaged",
		fmt.Sprintf("Ögonblicksbilden %s är skadad.", id),
		fmt.Sprintf("The snapshot %s is damaged.", id)).
		Do("Återställ den från säkerhetskopia; läs inte ur den.", "Restore it from backup; do not read from it.").
		At(fault.Where{File: file}).Because(err)
}

func unreadable(file string, err error) *fault.Fault {
	return fault.New("register.unreadable",
		"Filen går inte att läsa som Parquet: den är avhuggen eller skadad.",
		"The file cannot be read as Parquet: it is truncated or corrupt.").
		Do("Be leverantören om filen på nytt. Ingenting har skrivits.", "Ask the supplier for the file again. Nothing was written.").
		At(fault.Where{File: file}).Because(err)
}

func otherFile(file string) error {
	return fault.New("register.file_changed",
		"Filen är en annan än den som "+NoteName+" nämner: den är ändrad, avhuggen eller skadad.",
		"The file is another one than "+NoteName+" names: it has been changed, truncated or damaged.").
		Do("Gör filerna på nytt med sluss-engine synth. Ingenting har skrivits.", "Make the files again with sluss-engine synth. Nothing was written.").
		At(fault.Where{File: file})
}

func missingFile(file string) error {
	return fault.New("register.file_missing", "Källfilen saknas.", "The source file is missing.").
		Do("Lägg filen i mappen, eller ange med --tables vilka tabeller som ska läsas in.",
			"Put the file into the folder, or name the tables to load with --tables.").
		At(fault.Where{File: file})
}

func unknownFile(file string) error {
	return fault.New("register.file_unknown", "Ingen tabell i katalogen har den här källfilen.", "No table of the catalogue has this source file.").
		Do("Ta bort filen ur mappen, eller lägg till registret i katalogen.", "Remove the file from the folder, or add the register to the catalogue.").
		At(fault.Where{File: file})
}

func column(code, file, name, sv, en string) error {
	return fault.New("register."+code, sv, en).
		Do("Rätta filen eller katalogen. Ingenting har skrivits.", "Correct the file or the catalogue. Nothing was written.").
		At(fault.Where{File: file, Column: name})
}

func tooManyCodes(file, name string) error {
	return column("codes", file, name, "Kolumnen har, med ögonblicksbilden före, fler än 65 000 olika koder; den är ingen kod.",
		"The column has more than 65,000 different codes, those of the snapshot before counted in; it is no code.")
}

func changedTable(table, variable string) error {
	return fault.New("register.table_changed",
		fmt.Sprintf("Tabellen %s har andra variabler i katalogen än i den förra ögonblicksbilden.", table),
		fmt.Sprintf("The table %s has other variables in the catalogue than in the snapshot before.", table)).
		Do("En variabel får läggas till, men inte tas bort eller byta typ i samma lager.", "A variable may be added, but not removed or given another type in the same store.").
		At(fault.Where{Column: variable})
}
