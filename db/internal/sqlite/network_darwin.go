package sqlite

import "syscall"

// networkFS returns the name of the network file system that a file is on, or "" where
// it is on none.
func networkFS(path string) (string, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return "", err
	}
	var name []byte
	for _, char := range stat.Fstypename {
		if char == 0 {
			break
		}
		name = append(name, byte(char))
	}
	return networkTypes[string(name)], nil
}

// networkTypes are the network file systems of macOS, by the names that mount shows.
var networkTypes = map[string]string{
	"nfs":    "NFS",
	"smbfs":  "SMB",
	"afpfs":  "AFP",
	"webdav": "WebDAV",
}
