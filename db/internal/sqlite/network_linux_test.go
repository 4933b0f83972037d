package sqlite

import "testing"

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
