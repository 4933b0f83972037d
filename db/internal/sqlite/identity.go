package sqlite

// An identity tells a file from all others, by whatever name it is found. The zero identity
// is one that isn't known.
type identity struct{ device, number uint64 }
