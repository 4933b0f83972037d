package sqlite

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
)

func TestNetworkTypes(t *testing.T) {
	t.Parallel()
	for number, want := range map[uint32]string{
		0x6969: "NFS", 0xfe534d42: "SMB2", 0xff534d42: "CIFS", 0x517b: "SMB", 0x5346414f: "AFS", 0x6b414653: "AFS",
		0x564c: "NCP", 0x73757245: "Coda", 0xc36400: "Ceph", 0x0bd00bd0: "Lustre",
		0xef53: "", 0x58465342: "", 0x9123683e: "", 0x01021994: "", 0x794c7630: "", 0x2fc12fc1: "", // ext4 XFS Btrfs tmpfs overlay ZFS
		0x65735546: "", 0x01021997: "", 0x01161970: "", 0x7461636f: "", // FUSE 9P GFS2 OCFS2
	} {
		check(t, want, networkTypes[number], want)
	}
	// The field is signed on some machines.
	cifs := int32(-0xacb2be)
	check(t, "CIFS on 32 bits", networkTypes[uint32(cifs)], "CIFS")
}

// TestNetworkIsRefused calls the temporary folder's file system a network's, while no
// parallel test runs.
func TestNetworkIsRefused(t *testing.T) {
	cfg := fileConfig(t, 0)
	var stat syscall.Statfs_t
	must(t, syscall.Statfs(filepath.Dir(cfg.Path), &stat))
	number := uint32(stat.Type)
	before, known := networkTypes[number]
	networkTypes[number] = "NFS"
	defer func() {
		if networkTypes[number] = before; !known {
			delete(networkTypes, number)
		}
	}()
	refuse := func(cfg Config) {
		t.Helper()
		d := New(cfg)
		defer d.Close()
		_, err := d.Connect(t.Context())
		checkKind(t, string(cfg.Mode), err, engine.ErrCantOpen, engine.CodeCantOpen)
		if err != nil {
			check(t, string(cfg.Mode), err.Error(), networkError(cfg.Path, "NFS").Error())
		}
	}
	refuse(cfg)
	if _, err := os.Stat(cfg.Path); err == nil {
		t.Error("a file was made")
	}
	allowed := cfg
	allowed.AllowNetworkFS = true
	c := connect(t, New(allowed))
	refuse(cfg)
	cfg.Mode = ReadOnly
	refuse(cfg)
	query(t, c, "PRAGMA journal_mode = DELETE") // without a log it does no harm to read
	get(t, connect(t, New(cfg)), "SELECT count(*) FROM sqlite_schema")
}
