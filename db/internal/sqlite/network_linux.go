package sqlite

import "syscall"

// networkFS returns the name of the network file system that a file is on, or "" where
// it is on none.
func networkFS(path string) (string, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return "", err
	}
	// Of the types that the field has, by machine, some have a sign.
	return networkTypes[uint32(stat.Type)], nil
}

// networkTypes are file systems on which processes don't see, or see only later, the changes that
// processes on another machine make to memory that is mapped from a file. The
// numbers are from linux/magic.h and the file systems' own sources.
//
// Not here, though they can be a network's:
//   - FUSE, whose number is the same for all file systems behind it: sshfs, but also NTFS, an
//     encrypted folder, or the disk that a container or a virtual machine shares with
//     its host.
//   - 9P, which gVisor gives out for its local disks, and which is refused by SQLite
//     itself where memory can't be mapped (an I/O error, before anything is written).
//   - GFS2 and OCFS2, which keep mapped memory and locks the same on all machines.
var networkTypes = map[uint32]string{
	0x00006969: "NFS",
	0x0000517b: "SMB",
	0xfe534d42: "SMB2",
	0xff534d42: "CIFS",
	0x5346414f: "AFS",
	0x6b414653: "AFS",
	0x0000564c: "NCP",
	0x73757245: "Coda",
	0x00c36400: "Ceph",
	0x0bd00bd0: "Lustre",
}
