package showcase

import "sluss/internal/order"

// Officer is the address of the made-up data protection officer.
const Officer = "dataskyddsombud@sluss.example"

// Seller is how the showcase's invoices name the authority, with a bankgiro
// number that is set aside for tests.
func Seller() order.Seller {
	return order.Seller{
		Name: "Försäkringskassan (påhittad faktura)", OrgNo: "202100-5521", Street: "Exempelgatan 1", Zip: "103 51", City: "Stockholm",
		Bankgiro: "991-2346", Contact: "Ekonomi", Email: "ekonomi@sluss.example",
	}
}
