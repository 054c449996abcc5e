package teatest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"atlas-restore/teatest"
)

// parrot answers every line until the end of its input or of its context.
func parrot(ctx context.Context, in io.Reader, out io.Writer) {
	fmt.Fprintln(out, "Restores shop onto shop-2, which is\nerased first. Say the name.")
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if lines.Text() == "quit" {
			break
		}
		fmt.Fprintf(out, "heard %s\n", lines.Text())
	}
	fmt.Fprintf(out, "bye, %v\n", ctx.Err())
}

func TestDialogue(t *testing.T) {
	t.Parallel()
	d := teatest.Converse(t, parrot)
	d.Wait("Say the name.")
	d.Say("one")
	d.Wait("heard one")
	if got := d.Heard(); got != "heard one\n" {
		t.Errorf("heard since then: %q", got)
	}
	d.Say("two")
	d.WaitFor("an answer", func(said string) bool { return strings.HasSuffix(said, "two\n") })
	d.Wait("heard two") // it counts although it came before
	if d.Ended() {
		t.Error("it has ended")
	}
	d.Say("quit")
	d.Exit()
	if got := d.Heard(); got != "bye, <nil>\n" || !d.Ended() {
		t.Errorf("ended %v, heard at last %q", d.Ended(), got)
	}
	d.Say("nobody hears this")
	if got := d.Heard(); got != "" {
		t.Errorf("heard after the end: %q", got)
	}
	wantText(t, d.Output(), "Say the name.\nheard one\nheard two\nbye")
}

func TestDialogueWaitsOnlyForWhatIsNew(t *testing.T) {
	t.Parallel()
	said := failing(t, func(tb testing.TB) {
		d := teatest.Converse(tb, parrot)
		d.Wait("Say the name.")
		d.Say("one")
		d.Wait("heard one")
		d.Say("quit")
		d.Wait("heard one")
	})
	wantText(t, said, `waiting for "heard one": it has ended`, "heard before:\nRestores shop", "heard since \"quit\" was said:\nbye")
	said = failing(t, func(tb testing.TB) {
		d := teatest.Converse(tb, func(context.Context, io.Reader, io.Writer) {})
		d.WaitFor("a miracle", func(string) bool { return false })
	})
	wantText(t, said, "waiting for a miracle: it has ended\nheard:\n")
}

func TestDialogueIsQueued(t *testing.T) {
	t.Parallel()
	d := teatest.Converse(t, parrot)
	for i := range 1000 {
		d.Say(fmt.Sprint(i))
	}
	d.CloseInput()
	d.CloseInput()
	d.Wait("heard 999\nbye, <nil>")
	d.Exit()
	said := failing(t, func(tb testing.TB) {
		d := teatest.Converse(tb, parrot)
		d.CloseInput()
		d.Say("too late")
	})
	wantText(t, said, `the input is closed: "too late" cannot be said`)
}

// A face that reads nothing blocks no test, and neither does the end of one.
func TestDialogueWithTheDeaf(t *testing.T) {
	t.Parallel()
	said := failing(t, func(tb testing.TB) {
		d := teatest.Converse(tb, func(ctx context.Context, _ io.Reader, _ io.Writer) { <-ctx.Done() })
		for {
			d.Say("hello?")
		}
	})
	wantText(t, said, `"hello?" cannot be said: nobody reads the 4096 lines before`)
}

func TestDialogueHangUp(t *testing.T) {
	t.Parallel()
	d := teatest.Converse(t, parrot)
	d.Wait("Say the name.")
	d.HangUp()
	d.Exit()
	wantText(t, d.Output(), "bye")

	d = teatest.Converse(t, func(ctx context.Context, _ io.Reader, out io.Writer) {
		<-ctx.Done()
		fmt.Fprintln(out, ctx.Err())
	})
	d.HangUp()
	d.Wait("context canceled")
}

func TestDialogueConfirms(t *testing.T) {
	t.Parallel()
	d := teatest.Converse(t, parrot)
	d.AssertTarget("shop-2")
	d.Confirm("shop-2")
	d.Wait("heard shop-2")

	said := failing(t, func(tb testing.TB) {
		d := teatest.Converse(tb, parrot)
		d.Wait("erased")
		d.Confirm("shop-2")
	})
	wantText(t, said, `refusing to confirm the erasure of "shop-2": call AssertTarget("shop-2") before`, "heard:\nRestores")

	// A longer name is another cluster, and what was said before does not count.
	for name, first := range map[string]string{"shop": "quit", "shop-2": "one"} {
		said = failing(t, func(tb testing.TB) {
			d := teatest.Converse(tb, parrot)
			d.Wait("erased")
			d.Say(first)
			d.Say("quit")
			d.AssertTarget(name)
		})
		wantText(t, said, "a sentence that says that "+name+" is erased: it has ended")
	}
}
