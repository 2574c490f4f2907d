package parcel

import (
	"strings"

	"sluss/internal/sealed"
)

// readmeText is the README.txt of a parcel. It is for a person who has only
// the file, and holds nothing of its content.
const readmeText = `Leverans ORDER
==============

Det här är ett förseglat paket med registeruppgifter. Bara den som har den
hemliga nyckel som lämnades i beställningen kan öppna det. Uppgifterna är
sekretessbelagda: öppna paketet bara där de får behandlas.

Med programmet sluss:

    sluss open PAKET --identity NYCKELFIL --signer FINGERAVTRYCK --out MAPP

FINGERAVTRYCK står i beslutet. Programmet kontrollerar underskriften och varje
fil och skapar MAPP, eller talar om vad som är fel.

Utan programmet, med tar och age (https://age-encryption.org):

    tar -xf PAKET
    age --decrypt --identity NYCKELFIL --output innehall.tar sealed.age
    tar -xf innehall.tar

Då kontrolleras inte underskriften. Jämför i så fall åtminstone varje fils
SHA-256 med den i MANIFEST, och ta bort innehall.tar efteråt.


Delivery ORDER
==============

This is a sealed parcel of register data. Only the holder of the secret key
that was given in the order can open it. The data are confidential: open the
parcel only where they may be processed.

With the program sluss:

    sluss open PARCEL --identity KEYFILE --signer FINGERPRINT --out FOLDER

FINGERPRINT stands in the decision. The program checks the signature and every
file and makes FOLDER, or says what is wrong.

Without it, with tar and age (https://age-encryption.org):

    tar -xf PARCEL
    age --decrypt --identity KEYFILE --output content.tar sealed.age
    tar -xf content.tar

The signature is then not checked. Compare at least each file's SHA-256 with
the one in MANIFEST, and remove content.tar afterwards.
`

// withCrypt4GH says in the README how a parcel of that kind is opened.
var withCrypt4GH = strings.NewReplacer(
	"med tar och age (https://age-encryption.org)", "med tar och crypt4gh (https://crypt4gh.readthedocs.io)",
	"    age --decrypt --identity NYCKELFIL --output innehall.tar sealed.age", "    crypt4gh decrypt --sk NYCKELFIL < sealed.c4gh > innehall.tar",
	"with tar and age (https://age-encryption.org)", "with tar and crypt4gh (https://crypt4gh.readthedocs.io)",
	"    age --decrypt --identity KEYFILE --output content.tar sealed.age", "    crypt4gh decrypt --sk KEYFILE < sealed.c4gh > content.tar",
	"Då kontrolleras inte underskriften.", "Då kontrolleras inte underskriften, och inte heller att inget fattas.",
	"The signature is then not checked.", "Neither the signature nor that nothing is missing is then checked.",
)

// readme is the README.txt of an order's parcel of a kind of sealing.
func readme(order, sealing string) []byte {
	text := readmeText
	if sealing == sealed.KindCrypt4GH {
		text = withCrypt4GH.Replace(text)
	}
	return []byte(strings.ReplaceAll(text, "ORDER", order))
}
