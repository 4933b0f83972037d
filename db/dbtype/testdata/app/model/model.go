// Package model has the types of columns.
package model

import "github.com/duolite/duolite/db/dbtype"

// Settings is the column accounts.settings.
type Settings = dbtype.Of[SettingsValue]

// SettingsValue is what it decodes into.
type SettingsValue struct {
	Theme string `json:"theme"`
}
