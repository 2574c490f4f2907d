package works

import "sluss/internal/exposure"

// InRegister lets tests ask for the figures of the whole register alone.
func (s *Service) InRegister(job Extraction, snapshot Snapshot) *exposure.Register {
	return s.inRegister(job, snapshot)
}
