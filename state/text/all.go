package text

import (
	"bytes"
	"reflect"
)

// CleanAll makes each text safe to show that a value holds: to is a pointer to it. What somebody has
// written into a file of this program's own is a text of others too. Nothing is cut. The names in a map,
// and what is not exported, stay as they are.
func CleanAll(to any) { cleanValue(reflect.ValueOf(to)) }

// CleanRead is CleanAll of what was read from a line of JSON. In most lines nothing is to be cleaned: all of
// them is ASCII that can be seen, and nothing is written as an escape.
func CleanRead(to any, line []byte) {
	if !plain(line) || bytes.IndexByte(line, '\\') >= 0 {
		CleanAll(to)
	}
}

func cleanValue(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // the others hold no text
	case reflect.String:
		if s := v.String(); v.CanSet() && !plain(s) {
			v.SetString(CleanLong(s))
		}
	case reflect.Pointer, reflect.Interface:
		cleanValue(v.Elem())
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			cleanValue(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				cleanValue(v.Field(i))
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			one := reflect.New(v.Type().Elem()).Elem()
			one.Set(v.MapIndex(k))
			cleanValue(one)
			v.SetMapIndex(k, one)
		}
	}
}
