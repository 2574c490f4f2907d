package parcel

import (
	"errors"

	"sluss/internal/fault"
	"sluss/internal/signed"
)

// fetchAgain is what helps against damage on the way.
func fetchAgain(f *fault.Fault) *fault.Fault {
	return f.Do("Hämta paketet igen. Blir det fel igen, kontakta myndigheten.", "Fetch the parcel again. If it fails again, contact the authority.")
}

func notParcel() *fault.Fault {
	return fault.New("parcel.not_parcel", "Filen är inget leveranspaket.", "The file is not a parcel.").
		Do("Kontrollera att det är rätt fil.", "Check that it is the right file.")
}

// damage turns an error of an archive into what the reader is told; faults and
// errors of the disk pass as they are.
func damage(err error) error {
	switch {
	case errors.Is(err, errCut):
		return fetchAgain(fault.New("parcel.cut", "Paketet är avkortat: slutet saknas.", "The parcel has been cut: its end is missing."))
	case errors.Is(err, errFormat):
		return fetchAgain(changed())
	}
	return err
}

func changed() *fault.Fault {
	return fault.New("parcel.changed", "Paketet har ändrats sedan det skrevs.", "The parcel has been changed since it was written.")
}

func wrongSigner() *fault.Fault {
	return fault.New("parcel.wrong_signer", "Paketet är undertecknat med en annan nyckel än den du angav.", "The parcel is signed with another key than the one you gave.").
		Do("Jämför fingeravtrycket med det som står i beslutet. Använd inte paketet om de skiljer sig.", "Compare the fingerprint with the one in the decision. Do not use the parcel if they differ.")
}

// signature tells why a note was not accepted.
func signature(err error) error {
	if errors.Is(err, signed.ErrUnknownSigner) {
		return wrongSigner()
	}
	return fetchAgain(fault.New("parcel.signature", "Underskriften stämmer inte: innehållet har ändrats.", "The signature does not hold: the content has been changed.")).Because(err)
}

// swapped: two parts that are each genuine and do not belong together.
func swapped() *fault.Fault {
	return fault.New("parcel.swapped", "Paketets yttre och inre del hör inte ihop: de kommer från olika leveranser.", "The outer and inner parts of the parcel do not belong together: they are from different deliveries.").
		Do("Använd inte paketet. Kontakta myndigheten.", "Do not use the parcel. Contact the authority.")
}

func fileFault(code, name, sv, en string) *fault.Fault {
	return fault.New("parcel."+code, sv, en).At(fault.Where{File: name}).
		Do("Öppna paketet på nytt i en ny mapp.", "Open the parcel again into a new directory.")
}
