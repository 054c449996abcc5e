// Tests of forms/filter. They stand here: each package with tests is one more program to link.

package forms_test

import (
	"fmt"
	"testing"
	"time"

	"atlas-restore/forms/filter"
)

func TestWhatTypingFinds(t *testing.T) {
	clusters := []filter.Text{
		filter.Of("orders-prod-restore", "orders-prod-restore", "prod", "8.0.29", "M20", "replica set"),
		filter.Of("orders-prod", "orders-prod", "prod", "8.0.29", "M30", "replica set"),
		filter.Of("reorders", "reorders", "stg", "7.0.28", "M30", "2 shards", "backups are off"),
		filter.Of("new orders", "63f3fe1dac5fa607c4209827", "8.0.29", "M30", "paused"),
	}
	snapshots := []filter.Text{
		filter.Of("28 Nov 00:27 UTC", "6927aa000000000000000027", "hourly", "27 GB", "8.0.27"),
		filter.Of("27 Nov 23:52 UTC", "6928bb000000000000000028", "on demand", "39 GB", "8.0.29"),
		filter.Of("27 Nov 18:20 UTC", "6928bc000000000000000029", "hourly", "39 GB", "8.0.29"),
		filter.Of("17 Nov 18:20 UTC", "6928bd000000000000000030", "hourly", "failed: not usable"),
		filter.Of("7 Nov 18:27 UTC", "6928be000000000000000031", "weekly", "39 GB"),
	}
	for _, tc := range []struct {
		of          []filter.Text
		typed, want string
	}{
		{clusters, "", "[0 1 2 3]"},
		{clusters, "orders-prod", "[1 0]"}, // the whole name before the start of a longer one
		{clusters, "ORDERS-PROD", "[1 0]"},
		{clusters, "orders", "[0 1 3 2]"},
		{clusters, "prod orders", "[0 1]"},
		{clusters, "stg", "[2]"},
		{clusters, "backups off", "[2]"},
		{clusters, "paused", "[3]"},
		{clusters, "new orders", "[3]"},
		{clusters, "63f3", "[3]"},
		{clusters, "63f3fe1dac5fa607c4209827", "[3]"},
		{clusters, "63", "[]"},
		{clusters, "2 shards", "[2]"},
		{clusters, "zzz", "[]"},
		{snapshots, "27 Nov", "[1 2]"},
		{snapshots, "nov 27", "[1 2]"},
		{snapshots, "27 november", "[1 2]"},
		{snapshots, "7 nov", "[4]"},
		{snapshots, "26 nov", "[]"},
		{snapshots, "27 nov 18:20", "[2]"},
		{snapshots, "27 nov hourly", "[2]"},
		{snapshots, "hourly 27 nov", "[2]"},
		{snapshots, "18:20", "[2 3]"},
		{snapshots, "failed", "[3]"},
	} {
		if got := fmt.Sprint(filter.Rows(tc.of, tc.typed)); got != tc.want {
			t.Errorf("%q finds %s, want %s", tc.typed, got, tc.want)
		}
	}
}

// Today, yesterday and the days of the week mean days, in UTC; a name that has the word is meant
// too.
func TestDaysHaveNames(t *testing.T) {
	now := time.Date(2026, 11, 28, 1, 30, 0, 0, time.FixedZone("CET", 3600)) // a Saturday, 00:30 UTC
	rows := []filter.Text{
		filter.Of("28 Nov 00:10 UTC", "a"), filter.Of("27 Nov 23:50 UTC", "b"), filter.Of("27 Nov 02:00 UTC", "c"),
		filter.Of("22 Nov 02:00 UTC", "d"), filter.Of("21 Nov 02:00 UTC", "e"), filter.Of("yesterday-cache", "f"),
	}
	for typed, want := range map[string]string{
		"today": "[0]", "yesterday": "[5 1 2]", "Friday": "[1 2]", "sat": "[0]", "sunday": "[3]", "yesterday 23:50": "[1]", "fr": "[]", "tomorrow": "[]",
	} {
		if got := fmt.Sprint(filter.On(typed, now).Rows(rows)); got != want {
			t.Errorf("%q means %s, want %s", typed, got, want)
		}
	}
	if got := fmt.Sprint(filter.On("yesterday", now).Rows(rows[:5])); got != "[1 2]" {
		t.Errorf("yesterday means %s", got)
	}
}
