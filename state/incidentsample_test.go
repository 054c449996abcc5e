// Tests of state/incident. They stand here: each package with tests is one more program to link.

package state_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// sampleLog writes at least size bytes of a log as a busy member writes it: connections that come
// and go, slow queries of reads and writes, what the server does for itself. Among them stands
// the drop of a collection after each MiB; it returns how many. It is the same for the
// same size.
func sampleLog(to io.Writer, size int64) (drops int, err error) {
	w := bufio.NewWriterSize(to, 1<<16)
	r := rand.New(rand.NewPCG(1, 2))
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	var n int64
	next, conn := int64(1<<20), 1000
	line := func(c string, id int, ctx, msg, attr string) {
		at = at.Add(time.Duration(r.IntN(9)) * time.Millisecond)
		k, _ := fmt.Fprintf(w, `{"t":{"$date":"%s"},"s":"I",  %-16s"id":%-9s"ctx":"%s","msg":"%s","attr":%s}`+"\n",
			at.Format("2006-01-02T15:04:05.000-07:00"), `"c":"`+c+`",`, fmt.Sprint(id, ","), ctx, msg, attr)
		n += int64(k)
	}
	// Those that end are older than the one that drops.
	remote := func(conn int) string {
		return fmt.Sprintf("10.%d.%d.%d:%d", conn%7, conn/7%256, conn%251, 30000+conn%30000)
	}
	apps := []string{"checkout", "billing", "MongoDB Automation Agent v13.5.1", "MongoDB Monitoring Module v13.5.1", "reports"}
	for n < size {
		ctx := fmt.Sprintf("conn%d", conn-1-r.IntN(200))
		switch k := r.IntN(100); {
		case k < 12:
			conn++
			line("NETWORK", 22943, "listener", "Connection accepted", fmt.Sprintf(`{"remote":"%s","uuid":{"uuid":{"$uuid":"%08x-%04x-4ec1-8ab6-%012x"}},"connectionId":%d,"connectionCount":%d}`, remote(conn), r.Uint32(), r.IntN(1<<16), r.Int64N(1<<48), conn, 180+r.IntN(40)))
		case k < 24:
			app := apps[r.IntN(len(apps))]
			line("NETWORK", 51800, fmt.Sprintf("conn%d", conn), "client metadata", fmt.Sprintf(`{"remote":"%s","client":"conn%d","negotiatedCompressors":["snappy"],"doc":{"application":{"name":"%s"},"driver":{"name":"mongo-go-driver","version":"v1.17.%d"},"os":{"type":"linux","architecture":"amd64"},"platform":"go1.23.4"}}`, remote(conn), conn, app, r.IntN(3)))
		case k < 34:
			line("NETWORK", 22944, ctx, "Connection ended", fmt.Sprintf(`{"remote":"%s","uuid":{"uuid":{"$uuid":"%08x-%04x-4ec1-8ab6-%012x"}},"connectionId":%s,"connectionCount":%d}`, remote(conn), r.Uint32(), r.IntN(1<<16), r.Int64N(1<<48), ctx[4:], 180+r.IntN(40)))
		case k < 44:
			line("ACCESS", 5286306, ctx, "Successfully authenticated", fmt.Sprintf(`{"client":"%s","isSpeculative":true,"isClusterMember":false,"mechanism":"SCRAM-SHA-256","user":"svc-%d","db":"admin","result":0,"metrics":{"conversation_duration":{"micros":%d,"summary":{"0":{"step":1,"step_total":2,"duration_micros":%d},"1":{"step":2,"step_total":2,"duration_micros":%d}}}},"extraInfo":{}}`, remote(conn), r.IntN(9), r.IntN(20000), r.IntN(300), r.IntN(300)))
		case k < 70:
			line("COMMAND", 51803, ctx, "Slow query", fmt.Sprintf(`{"type":"command","isFromUserConnection":true,"ns":"shop.orders","collectionType":"normal","appName":"checkout","command":{"find":"orders","filter":{"customerId":{"$oid":"%024x"},"state":{"$in":["open","paid"]}},"sort":{"createdAt":-1},"limit":%d,"lsid":{"id":{"$uuid":"%08x-0000-4ec1-8ab6-%012x"}},"$clusterTime":{"clusterTime":{"$timestamp":{"t":%d,"i":%d}}},"$db":"shop"},"planSummary":"IXSCAN { customerId: 1, createdAt: -1 }","planningTimeMicros":%d,"keysExamined":%d,"docsExamined":%d,"nBatches":1,"cursorExhausted":true,"numYields":%d,"nreturned":%d,"queryHash":"%08X","planCacheKey":"%08X","queryFramework":"classic","reslen":%d,"locks":{"FeatureCompatibilityVersion":{"acquireCount":{"r":%d}},"Global":{"acquireCount":{"r":%d}}},"storage":{"data":{"bytesRead":%d,"timeReadingMicros":%d}},"cpuNanos":%d,"remote":"%s","protocol":"op_msg","durationMillis":%d}`, r.Int64(), r.IntN(50), r.Uint32(), r.Int64N(1<<48), at.Unix(), r.IntN(90), r.IntN(5000), r.IntN(50000), r.IntN(50000), r.IntN(80), r.IntN(50), r.Uint32(), r.Uint32(), r.IntN(90000), r.IntN(80), r.IntN(80), r.IntN(9000000), r.IntN(90000), r.Int64N(900000000), remote(conn), 100+r.IntN(900)))
		case k < 82:
			line("WRITE", 51803, ctx, "Slow query", fmt.Sprintf(`{"type":"update","isFromUserConnection":true,"ns":"shop.carts","collectionType":"normal","appName":"checkout","command":{"q":{"_id":{"$oid":"%024x"}},"u":{"$set":{"updatedAt":{"$date":"%s"},"total":%d}},"multi":false,"upsert":false},"planSummary":"IDHACK","totalOplogSlotDurationMicros":%d,"keysExamined":1,"docsExamined":1,"nMatched":1,"nModified":1,"nUpserted":0,"numYields":0,"locks":{"ReplicationStateTransition":{"acquireCount":{"w":1}},"Global":{"acquireCount":{"w":1}}},"flowControl":{"acquireCount":1},"storage":{},"cpuNanos":%d,"remote":"%s","durationMillis":%d}`, r.Int64(), at.Format(time.RFC3339), r.IntN(100000), r.IntN(400), r.Int64N(900000), remote(conn), 100+r.IntN(300)))
		case k < 84:
			line("WRITE", 51803, ctx, "Slow query", fmt.Sprintf(`{"type":"remove","isFromUserConnection":true,"ns":"shop.sessions","collectionType":"normal","appName":"checkout","command":{"q":{"expires":{"$lt":{"$date":"%s"}}},"limit":0},"planSummary":"IXSCAN { expires: 1 }","keysExamined":%d,"docsExamined":%d,"ndeleted":%d,"keysDeleted":%d,"numYields":0,"storage":{},"remote":"%s","durationMillis":%d}`, at.Format(time.RFC3339), r.IntN(40), r.IntN(40), r.IntN(40), r.IntN(90), remote(conn), 100+r.IntN(300)))
		case k < 92:
			line("NETWORK", 6788700, ctx, "Received first command on ingress connection since session start or auth handshake", fmt.Sprintf(`{"elapsedMillis":%d}`, r.IntN(60)))
		case k < 97:
			line("WTCHKPT", 22430, "Checkpointer", "WiredTiger message", fmt.Sprintf(`{"message":{"ts_sec":%d,"ts_usec":%d,"thread":"1:0x7f2c%08x","session_name":"WT_SESSION.checkpoint","category":"WT_VERB_CHECKPOINT_PROGRESS","category_id":7,"verbose_level":"DEBUG_1","verbose_level_id":1,"msg":"saving checkpoint snapshot min: %d, snapshot max: %d snapshot count: 0, oldest timestamp: (%d, 1) , meta checkpoint timestamp: (%d, 1) base write gen: 1"}}`, at.Unix(), r.IntN(999999), r.Uint32(), r.IntN(9999999), r.IntN(9999999), at.Unix()-300, at.Unix()))
		default:
			line("INDEX", 20345, ctx, "Index build: done building", fmt.Sprintf(`{"buildUUID":null,"collectionUUID":{"uuid":{"$uuid":"%08x-0000-4ec1-8ab6-%012x"}},"namespace":"shop.tmp_%d","index":"_id_","ident":"index-%d--%d","collectionIdent":"collection-%d","commitTimestamp":null}`, r.Uint32(), r.Int64N(1<<48), r.IntN(999), r.IntN(999), r.Int64(), r.IntN(999)))
		}
		if n >= next {
			next += 1 << 20
			drops++
			line("COMMAND", 518070, fmt.Sprintf("conn%d", conn), "CMD: drop", fmt.Sprintf(`{"namespace":"shop.orders_%d"}`, drops))
		}
	}
	return drops, w.Flush() //nolint:wrapcheck // the caller's writer
}
