// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore/state/incident"
)

// line is one of a log as servers write it.
func line(clock, c string, id int, ctx, msg, attr string) string {
	return fmt.Sprintf(`{"t":{"$date":"2026-11-23T%s+00:00"},"s":"I",  %-16s"id":%-9s"ctx":"%s","msg":"%s","attr":%s}`, clock, `"c":"`+c+`",`, fmt.Sprint(id, ","), ctx, msg, attr)
}

// dropped is the line of a drop at 14:02:59.812 on conn7.
func dropped(namespace string) string {
	return line("14:02:59.812", "COMMAND", 518070, "conn7", "CMD: drop", `{"namespace":"`+namespace+`"}`)
}

// incidentRead is what a log tells, one string an event.
func incidentRead(t *testing.T, log string) []string {
	t.Helper()
	var out []string
	_, err := incident.NewLog("node-0", 0).Read(t.Context(), strings.NewReader(log), func(e incident.Event) { out = append(out, said(e)) })
	if err != nil {
		t.Error(err)
	}
	return out
}

// said is all of an event but its member, in one line.
func said(e incident.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", e.Kind)
	if !e.At.IsZero() {
		fmt.Fprintf(&b, " %s", e.At.Format("15:04:05.000"))
	}
	if !e.Until.IsZero() {
		fmt.Fprintf(&b, "-%s", e.Until.Format("15:04:05.000"))
	}
	if e.Text != "" {
		return b.String()
	}
	fmt.Fprintf(&b, " %s", e.Namespace)
	if e.Namespace.Altered {
		b.WriteString(" (altered)")
	}
	if e.Target != (incident.Namespace{}) {
		fmt.Fprintf(&b, " > %s", e.Target)
	}
	if e.Kind == incident.DropDatabase {
		fmt.Fprintf(&b, " %v", e.Collections)
		if e.Complete {
			b.WriteString(" complete")
		}
	}
	if e.Deleted > 0 {
		fmt.Fprintf(&b, " %d", e.Deleted)
	}
	if e.Late {
		b.WriteString(" late")
	}
	if e.Applied {
		b.WriteString(" applied")
	}
	return b.String() + " by " + e.Who.String()
}

func TestLines(t *testing.T) {
	t.Parallel()
	const mongosh = `{"t":{"$date":"2026-11-23T14:00:00.000+00:00"},"s":"I",  "c":"NETWORK",  "id":51800,   "ctx":"conn7","msg":"client metadata","attr":{"remote":"10.0.0.7:52414","client":"conn7","negotiatedCompressors":[],"doc":{"application":{"name":"mongosh 2.5.10"},"driver":{"name":"nodejs|mongosh","version":"6.19.0|2.5.10"},"platform":"Node.js v20.19.6, LE","os":{"name":"linux","architecture":"x64","version":"3.10.0-327.22.2.el7.x86_64","type":"Linux"},"env":{"container":{"orchestrator":"kubernetes"}}}}}`
	long := strings.Repeat("o", 295)
	remove := func(ns string, deleted, millis int) string {
		return line("14:02:59.812", "WRITE", 51803, "conn7", "Slow query", fmt.Sprintf(`{"type":"remove","ns":"%s","appName":"cleanup","command":{"q":{},"limit":0},"planSummary":"COLLSCAN","keysExamined":0,"docsExamined":%d,"ndeleted":%d,"numYields":97,"remote":"10.0.0.9:4000","durationMillis":%d}`, ns, deleted, deleted, millis))
	}
	rename := func(from, to, drop string) string {
		return line("14:02:59.812", "COMMAND", 20400, "conn7", "renameCollectionForCommand", `{"sourceNamespace":"`+from+`","targetNamespace":"`+to+`","dropTarget":`+drop+`}`)
	}
	tests := []struct {
		name string
		log  string // lines
		want []string
	}{
		// As the versions write a drop.
		{"4.4", `{"t":{"$date":"2021-03-02T08:24:21.420+08:00"},"s":"I",  "c":"COMMAND",  "id":518070,  "ctx":"conn2480073","msg":"CMD: drop","attr":{"namespace":"shop.orders"}}`, []string{"drop 00:24:21.420 shop.orders by conn2480073"}},
		{"5.0", `{"t":{"$date":"2022-10-08T03:46:11.600+00:00"},"s":"I",  "c":"COMMAND",  "id":518070,  "ctx":"conn5","msg":"CMD: drop","attr":{"namespace":"tutorial.hello"}}`, []string{"drop 03:46:11.600 tutorial.hello by conn5"}},
		{"7.0, with a collection's id", `{"t":{"$date":"2024-02-29T05:32:06.374-07:00"},"s":"I",  "c":"COMMAND",  "id":518070,  "ctx":"conn8","msg":"CMD: drop","attr":{"namespace":"shop.orders","uuid":{"uuid":{"$uuid":"ce2abd58-1782-4ec1-8ab6-a685cb990e11"}}}}`, []string{"drop 12:32:06.374 shop.orders by conn8"}},
		{"8.0, with its service", `{"t":{"$date":"2026-11-23T14:02:59.812+00:00"},"s":"I",  "c":"COMMAND",  "id":518070,  "svc":"S", "ctx":"conn4711","msg":"CMD: drop","attr":{"namespace":"shop.orders"}}`, []string{"drop 14:02:59.812 shop.orders by conn4711"}},
		{"without blanks", `{"t":{"$date":"2026-11-23T14:02:59.812+00:00"},"s":"I","c":"COMMAND","id":518070,"ctx":"conn4711","msg":"CMD: drop","attr":{"namespace":"shop.orders"}}`, []string{"drop 14:02:59.812 shop.orders by conn4711"}},
		{"with more blanks", `{ "t" : { "$date" : "2026-11-23T14:02:59.812+00:00" }, "s" : "I", "c" : "COMMAND", "id": 518070, "ctx" : "conn4711", "msg" : "CMD: drop", "attr" : { "namespace" : "shop.orders" } }`, []string{"drop 14:02:59.812 shop.orders by conn4711"}},
		{"UTC by letter", strings.Replace(dropped("shop.orders"), "+00:00", "Z", 1), []string{"drop 14:02:59.812 shop.orders by conn7"}},
		{"half an hour off", strings.Replace(dropped("shop.orders"), "+00:00", "+05:30", 1), []string{"drop 08:32:59.812 shop.orders by conn7"}},

		// By whom.
		{"an application", mongosh + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by mongosh 2.5.10 on conn7 from 10.0.0.7:52414"}},
		{"a driver alone", line("14:00:00.000", "NETWORK", 51800, "conn7", "client metadata", `{"remote":"127.0.0.1:37960","client":"conn7","doc":{"driver":{"name":"PyMongo","version":"4.6.0"},"os":{"type":"Linux"},"platform":"CPython 3.8.10.final.0"}}`) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by PyMongo 4.6.0 on conn7 from 127.0.0.1:37960"}},
		{"an address alone", line("14:00:00.000", "NETWORK", 22943, "listener", "Connection accepted", `{"remote":"[2001:db8::7]:37960","uuid":"84a5f57f-c774-40ef-9105-37e8a9c6b631","connectionId":7,"connectionCount":11}`) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by conn7 from [2001:db8::7]:37960"}},
		{"another connection", strings.ReplaceAll(mongosh, "conn7", "conn77") + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by conn7"}},
		{"a connection that ended", mongosh + "\n" + line("14:01:00.000", "NETWORK", 22944, "conn7", "Connection ended", `{"remote":"10.0.0.7:52414","connectionId":7,"connectionCount":2}`) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by conn7"}},
		{"the number of a new connection", mongosh + "\n" + line("14:01:00.000", "NETWORK", 22943, "listener", "Connection accepted", `{"remote":"10.0.0.8:1","connectionId":7,"connectionCount":2}`) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by conn7 from 10.0.0.8:1"}},
		{"a server that began anew", mongosh + "\n" + line("14:01:00.000", "CONTROL", 20698, "main", "***** SERVER RESTARTED *****", `{}`) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by conn7"}},
		{"an application of another script", strings.Replace(mongosh, "mongosh 2.5.10", "注文処理", 1) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by 注文処理 on conn7 from 10.0.0.7:52414"}},
		{"an application that commands the terminal", strings.Replace(mongosh, "mongosh 2.5.10", `\u001b]0;owned\u0007good\u202e\nline`, 1) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by good line on conn7 from 10.0.0.7:52414"}},
		{"metadata that is no object", line("14:00:00.000", "NETWORK", 51800, "conn7", "client metadata", `{"remote":"10.0.0.7:1","client":"conn7","doc":"none"}`) + "\n" + dropped("shop.orders"), []string{"drop 14:02:59.812 shop.orders by conn7 from 10.0.0.7:1"}},
		{"a thread of the server", strings.Replace(dropped("shop.orders"), "conn7", "TTLMonitor", 1), []string{"drop 14:02:59.812 shop.orders by TTLMonitor"}},
		{"a secondary", strings.Replace(dropped("shop.orders"), "conn7", "OplogApplier-0", 1), []string{"drop 14:02:59.812 shop.orders applied by OplogApplier-0"}},

		// What.
		{"the views of a database", dropped("shop.system.views"), []string{"drop 14:02:59.812 shop.system.views by conn7"}},
		{"the server's sessions", dropped("config.system.sessions"), []string{"drop 14:02:59.812 config.system.sessions by conn7"}},
		{"the buckets of a time series", dropped("shop.system.buckets.weather"), []string{"drop 14:02:59.812 shop.system.buckets.weather by conn7"}},
		{"a name with dots", dropped("shop.orders.2026.q4"), []string{"drop 14:02:59.812 shop.orders.2026.q4 by conn7"}},
		{"a name with quotes", dropped(`shop.say \"hi\" \\o/`), []string{`drop 14:02:59.812 shop.say "hi" \o/ by conn7`}},
		{"a name that looks like a line", dropped(`shop.\"},\"id\":518070,\"attr\":{\"namespace\":\"bank.accounts`), []string{`drop 14:02:59.812 shop."},"id":518070,"attr":{"namespace":"bank.accounts by conn7`}},
		{"300 bytes", dropped("shop." + long), []string{"drop 14:02:59.812 shop." + long + " by conn7"}},
		{"other scripts", dropped("магазин.注文"), []string{"drop 14:02:59.812 магазин.注文 by conn7"}},
		{"other scripts, escaped", dropped(`shop.\u6ce8\u6587`), []string{"drop 14:02:59.812 shop.注文 by conn7"}},
		{"a name that hides", dropped(`shop.ord\u200bers`), []string{"drop 14:02:59.812 shop.orders (altered) by conn7"}},
		{"a name that commands the terminal", dropped(`shop.orders\u001b[2J`), []string{"drop 14:02:59.812 shop.orders (altered) by conn7"}},
		{"a name that is no UTF-8", dropped("shop.ord\xffers"), []string{"drop 14:02:59.812 shop.ord\uFFFDers (altered) by conn7"}},
		{"a name beyond all measure", dropped("shop." + strings.Repeat("o", 2000)), []string{"drop 14:02:59.812 shop." + strings.Repeat("o", 1024) + "… (altered) by conn7"}},

		{"a rename", rename("shop.orders", "shop.orders_old", `"no"`), []string{"rename 14:02:59.812 shop.orders > shop.orders_old by conn7"}},
		{"a rename into another database", rename("shop.orders", "attic.orders", `"no"`), []string{"rename 14:02:59.812 shop.orders > attic.orders by conn7"}},
		{"a rename over what is there", rename("shop.import", "shop.orders", `"yes"`), []string{"overwrite 14:02:59.812 shop.import > shop.orders by conn7"}},
		{"$out", rename("shop.tmp.agg_out.6d3ee1cb", "shop.orders", `true`), []string{"overwrite 14:02:59.812 shop.tmp.agg_out.6d3ee1cb > shop.orders by conn7"}},
		{"a rename that says something else", rename("shop.import", "shop.orders", `"maybe"`), []string{"unclear 14:02:59.812"}},
		{"a rename of 8.x without its third word", line("14:02:59.812", "COMMAND", 20400, "conn7", "renameCollectionForCommand", `{"sourceNamespace":"a.b","targetNamespace":"a.c"}`), []string{"unclear 14:02:59.812"}},

		// A database.
		{"4.4, a whole database", strings.Join([]string{
			line("08:24:21.420", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`),
			line("08:24:21.421", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.orders"}`),
			line("08:24:21.422", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.carts"}`),
			line("08:24:21.430", "COMMAND", 20336, "conn9", "dropDatabase", `{"db":"shop","numCollectionsDropped":2}`),
		}, "\n"), []string{"dropDatabase 08:24:21.420-08:24:21.430 shop [shop.orders shop.carts] complete by conn9"}},
		{"7.0, its views first", strings.Join([]string{
			line("08:24:21.420", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`),
			line("08:24:21.421", "COMMAND", 7193700, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.system.views"}`),
			line("08:24:21.422", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.system.buckets.weather"}`),
			line("08:24:21.430", "COMMAND", 20336, "conn9", "dropDatabase - finished", `{"db":"shop","numCollectionsDropped":2}`),
		}, "\n"), []string{"dropDatabase 08:24:21.420-08:24:21.430 shop [shop.system.views shop.system.buckets.weather] complete by conn9"}},
		{"a database whose drop is not through", line("08:24:21.420", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`), []string{"dropDatabase 08:24:21.420 shop [] by conn9"}},
		{"a database whose drop had begun", line("08:24:21.421", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.orders"}`), []string{"dropDatabase 08:24:21.421 shop [shop.orders] late by conn9"}},
		{"two databases at once", strings.Join([]string{
			line("08:24:21.420", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`),
			line("08:24:21.421", "COMMAND", 20337, "conn10", "dropDatabase - starting", `{"db":"bank"}`),
			line("08:24:21.422", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.orders"}`),
			line("08:24:21.423", "COMMAND", 20336, "conn10", "dropDatabase", `{"db":"bank","numCollectionsDropped":0}`),
			line("08:24:21.430", "COMMAND", 20336, "conn9", "dropDatabase", `{"db":"shop","numCollectionsDropped":2}`),
		}, "\n"), []string{"dropDatabase 08:24:21.421-08:24:21.423 bank [] complete by conn10", "dropDatabase 08:24:21.420-08:24:21.430 shop [shop.orders] by conn9"}},
		{"a secondary's database", line("08:24:21.420", "COMMAND", 20337, "ReplWriterWorker-3", "dropDatabase - starting", `{"db":"shop"}`) + "\n" +
			line("08:24:21.430", "COMMAND", 20336, "ReplWriterWorker-3", "dropDatabase", `{"db":"shop","numCollectionsDropped":0}`), []string{"dropDatabase 08:24:21.420-08:24:21.430 shop [] applied by ReplWriterWorker-3"}},
		{"a database without a name", line("08:24:21.420", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":""}`), []string{"unclear 08:24:21.420"}},

		// Deletes: the line comes at the end.
		{"a mass delete", remove("shop.orders", 120000, 4812), []string{"delete 14:02:55.000-14:02:59.812 shop.orders 120000 by cleanup on conn7 from 10.0.0.9:4000"}},
		{"a slow delete of few", remove("shop.orders", 12, 4812), nil},
		{"a slow find for such a word", line("14:02:59.812", "COMMAND", 51803, "conn7", "Slow query", `{"type":"command","ns":"shop.jobs","command":{"find":"jobs","filter":{"ndeleted":500000},"$db":"shop"},"durationMillis":300}`), nil},
		{"a slow delete of few by such a word", line("14:02:59.812", "WRITE", 51803, "conn7", "Slow query", `{"type":"remove","ns":"shop.jobs","command":{"q":{"ndeleted":500000},"limit":0},"ndeleted":3,"durationMillis":300}`), nil},
		{"a delete of no collection", remove("shop.$cmd", 120000, 4812), []string{"unclear 14:02:59.812"}},
		{"a delete of a thousand years", remove("shop.orders", 120000, 31536000000000), []string{"unclear 14:02:59.812"}},

		// What is skipped.
		{"an index", line("14:02:59.812", "COMMAND", 51806, "conn7", "CMD: dropIndexes", `{"namespace":"shop.orders","uuid":{},"indexes":"a_1"}`), nil},
		{"a text in a query", line("14:02:59.812", "COMMAND", 51803, "conn7", "Slow query", `{"ns":"shop.logs","command":{"find":"logs","filter":{"msg":"CMD: drop","id":518070}},"durationMillis":300}`), nil},
		{"no JSON", "about to fork child process, waiting until server is ready for connections.", nil},
		{"an empty line", "\n\n", nil},
		{"a line of audit", `{"atype":"dropCollection","ts":{"$date":"2026-11-23T14:02:59.812+00:00"},"param":{"ns":"shop.orders"},"result":0}`, nil},

		// What may be one, and cannot be read.
		{"cut in the name", dropped("shop.orders")[:140], []string{"unclear 14:02:59.812"}},
		{"cut before the text", dropped("shop.orders")[:90], []string{"unclear 14:02:59.812"}},
		{"the id with another text", strings.Replace(dropped("shop.orders"), "CMD: drop", "CMD: compact", 1), []string{"unclear 14:02:59.812"}},
		{"the text with another id", strings.Replace(dropped("shop.orders"), "518070", "999999", 1), []string{"unclear 14:02:59.812"}},
		{"another id further in", strings.Replace(dropped("shop.orders"), `"attr"`, `"id":99,"attr"`, 1), []string{"unclear 14:02:59.812"}},
		{"a name that is a number", strings.Replace(dropped("x"), `"x"`, "12", 1), []string{"unclear 14:02:59.812"}},
		{"a name without a collection", dropped("shop"), []string{"unclear 14:02:59.812"}},
		{"no name", strings.Replace(dropped("x"), `"namespace":"x"`, "", 1), []string{"unclear 14:02:59.812"}},
		{"a time that is none", strings.Replace(dropped("shop.orders"), "14:02", "99:99", 1), []string{"unclear"}},
		{"a time before all clusters", strings.Replace(dropped("shop.orders"), "2026", "1970", 1), []string{"unclear"}},
		{"no thread", strings.Replace(dropped("shop.orders"), `"conn7"`, `""`, 1), []string{"unclear 14:02:59.812"}},
		{"a file's line ends", dropped("shop.orders") + "\r\n", []string{"drop 14:02:59.812 shop.orders by conn7"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, incidentRead(t, tt.log)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			// What stands around it changes nothing of it.
			noise := line("13:00:00.000", "NETWORK", 6788700, "conn7", "Received first command", `{"elapsedMillis":7}`)
			if diff := cmp.Diff(tt.want, incidentRead(t, noise+"\n"+tt.log+"\n"+noise)); diff != "" {
				t.Errorf("among others, -want +got:\n%s", diff)
			}
		})
	}
}

// FuzzLines: whatever a log holds, nothing breaks, and what is told of it is clean and in the
// bounds of the time of a cluster.
func FuzzLines(f *testing.F) {
	f.Add([]byte(dropped("shop.orders")))
	f.Add([]byte(dropped(`shop.\u001b[31m`) + "\n" + line("08:24:21.420", "COMMAND", 20337, "conn9", "dropDatabase - starting", `{"db":"shop"}`)))
	f.Add([]byte(line("08:24:21.421", "COMMAND", 20338, "conn9", "dropDatabase - dropping collection", `{"db":"shop","namespace":"shop.orders"}`)))
	f.Add([]byte(line("14:02:59.812", "COMMAND", 20400, "conn7", "renameCollectionForCommand", `{"sourceNamespace":"a.b","targetNamespace":"a.c","dropTarget":"yes"}`)))
	f.Add([]byte(line("14:02:59.812", "WRITE", 51803, "conn7", "Slow query", `{"type":"remove","ns":"a.b","ndeleted":99999,"durationMillis":9}`)))
	f.Add([]byte(line("14:00:00.000", "NETWORK", 51800, "conn7", "client metadata", `{"remote":"1.2.3.4:5","doc":{"driver":{"name":"\u202ex"}}}`) + "\n" + dropped("a.b")))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0})
	f.Fuzz(func(t *testing.T, log []byte) {
		var events int64
		tally, err := incident.NewLog("node-0", 0).Read(context.Background(), strings.NewReader(string(log)), func(e incident.Event) {
			events++
			if !e.At.IsZero() && (e.At.Before(time.Unix(1199145600, 0).AddDate(0, 0, -7)) || e.At.Year() > 2038) {
				t.Errorf("at %s", e.At)
			}
			if e.At.IsZero() && e.Kind != incident.Unclear {
				t.Errorf("%v has no time", e)
			}
			for _, s := range []string{e.Namespace.String(), e.Target.String(), e.Who.String(), e.Who.Driver, e.Text, fmt.Sprint(e.Collections)} {
				if strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f || r == 0x202e || r == 0x200b }) {
					t.Errorf("%q is not clean", s)
				}
			}
		})
		plain := len(log) < 2 || log[0] != 0x1f || log[1] != 0x8b
		if plain && (err != nil || tally.Bytes != int64(len(log))) {
			t.Errorf("%d bytes of %d, %v", tally.Bytes, len(log), err)
		}
		if tally.Lines < events-16 || tally.Unclear > events {
			t.Errorf("%d events of %d lines", events, tally.Lines)
		}
	})
}
