package db

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"sofipo/core/civil"
	"sofipo/core/id"
	"sofipo/infra/envelope"
)

// pgRow is a row as PostgreSQL sent it. The types in the package comment are decoded directly
// from the bytes; pgx decodes the others.
type pgRow struct {
	types  *pgtype.Map
	fields []pgconn.FieldDescription
	values [][]byte
	keys   *envelope.Ring
}

// Scan implements Scanner.
func (r pgRow) Scan(dest ...any) error {
	if len(dest) != len(r.values) {
		return fmt.Errorf("%d destinations for %d columns", len(dest), len(r.values))
	}
	for i, d := range dest {
		if err := r.scan(d, &r.fields[i], r.values[i]); err != nil {
			return fmt.Errorf("column %s: %w", r.fields[i].Name, err)
		}
	}
	return nil
}

func (r pgRow) scan(dest any, f *pgconn.FieldDescription, value []byte) error {
	if value == nil {
		return scanNull(dest)
	}
	switch f.DataTypeOID {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.NameOID: // the same bytes in both formats
		return scanText(dest, string(value))
	}
	if f.Format != pgx.BinaryFormatCode {
		return r.types.Scan(f.DataTypeOID, f.Format, value, dest)
	}
	switch f.DataTypeOID {
	case pgtype.Int8OID:
		return scanNumber(dest, int64(binary.BigEndian.Uint64(value)))
	case pgtype.Int4OID:
		return scanNumber(dest, int64(int32(binary.BigEndian.Uint32(value))))
	case pgtype.Int2OID:
		return scanNumber(dest, int64(int16(binary.BigEndian.Uint16(value))))
	case pgtype.NumericOID:
		var n int64
		err := r.types.Scan(f.DataTypeOID, f.Format, value, &n)
		return errors.Join(err, scanNumber(dest, n))
	}
	return r.scanOther(dest, f, value)
}

// scanOther decodes values that are neither text nor numbers.
func (r pgRow) scanOther(dest any, f *pgconn.FieldDescription, value []byte) error {
	switch d := dest.(type) {
	case *id.ID:
		if f.DataTypeOID == pgtype.UUIDOID {
			copy(d[:], value)
			return nil
		}
	case *civil.Date:
		if f.DataTypeOID == pgtype.DateOID {
			*d = epoch.AddDays(int(int32(binary.BigEndian.Uint32(value))))
			return nil
		}
	case *time.Time:
		if f.DataTypeOID == pgtype.TimestamptzOID {
			*d = time.UnixMicro(epochMicro + int64(binary.BigEndian.Uint64(value))).UTC()
			return nil
		}
	case *bool:
		if f.DataTypeOID == pgtype.BoolOID {
			*d = value[0] != 0
			return nil
		}
	case *[]byte:
		if f.DataTypeOID == pgtype.ByteaOID {
			*d = append([]byte{}, value...)
			return nil
		}
	}
	return r.types.Scan(f.DataTypeOID, f.Format, value, dest)
}

// scanNull sets a destination to the zero value that NULL stands for.
func scanNull(dest any) error {
	switch d := dest.(type) {
	case *id.ID:
		*d = id.ID{}
	case *civil.Date:
		*d = civil.Date{}
	case *[]byte:
		*d = nil
	default:
		return misfit(dest, nil)
	}
	return nil
}
