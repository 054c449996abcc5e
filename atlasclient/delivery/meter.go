package delivery

import "time"

// meter measures how fast bytes come, over the last seconds: what came minutes ago says
// nothing of when the rest will be here.
type meter struct {
	slots [window]int64 // bytes by second
	at    int64         // the second of the newest slot, since begun
	begun time.Time
}

const window = 10

func (m *meter) begin(now time.Time) { *m = meter{begun: now} }

// add counts n bytes that came at now.
func (m *meter) add(n int64, now time.Time) {
	m.turn(now)
	m.slots[m.at%window] += n
}

func (m *meter) turn(now time.Time) {
	second := max(m.at, int64(now.Sub(m.begun)/time.Second))
	for s := max(m.at+1, second-window+1); s <= second; s++ {
		m.slots[s%window] = 0
	}
	m.at = second
}

// speed is in bytes a second; 0 while it cannot be known.
func (m *meter) speed(now time.Time) float64 {
	m.turn(now)
	over := min(now.Sub(m.begun), window*time.Second-time.Second+now.Sub(m.begun)%time.Second)
	if over < time.Second/2 {
		return 0
	}
	var sum int64
	for _, n := range m.slots {
		sum += n
	}
	return float64(sum) / over.Seconds()
}
