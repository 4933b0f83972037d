package contract

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
)

type rows struct {
	inner driver.Rows
	conn  *conn
	ctx   context.Context // the query's
}

var (
	_ driver.RowsNextResultSet              = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
)

func (r *rows) Columns() []string                { return r.inner.Columns() }
func (r *rows) Close() error                     { return r.conn.after(r.ctx, r.inner.Close()) }
func (r *rows) Next(values []driver.Value) error { return r.conn.after(r.ctx, r.inner.Next(values)) }

func (r *rows) HasNextResultSet() bool {
	sets, ok := r.inner.(driver.RowsNextResultSet)
	return ok && sets.HasNextResultSet()
}

func (r *rows) NextResultSet() error {
	sets, ok := r.inner.(driver.RowsNextResultSet)
	if !ok {
		return io.EOF
	}
	return r.conn.after(r.ctx, sets.NextResultSet())
}

// What follows answers as database/sql does for a driver that doesn't know.

func (r *rows) ColumnTypeDatabaseTypeName(index int) string {
	if typed, ok := r.inner.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return typed.ColumnTypeDatabaseTypeName(index)
	}
	return ""
}

func (r *rows) ColumnTypeNullable(index int) (nullable, ok bool) {
	if typed, has := r.inner.(driver.RowsColumnTypeNullable); has {
		return typed.ColumnTypeNullable(index)
	}
	return false, false
}

func (r *rows) ColumnTypeScanType(index int) reflect.Type {
	if typed, ok := r.inner.(driver.RowsColumnTypeScanType); ok {
		return typed.ColumnTypeScanType(index)
	}
	return reflect.TypeFor[any]()
}
