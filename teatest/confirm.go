package teatest

import (
	"regexp"
	"strings"
)

// AssertTarget asserts that the screen says of this cluster, by its whole name, that it
// is erased. Without it, no test may confirm.
func (f *face) AssertTarget(name string) {
	f.t.Helper()
	f.WaitFor("a sentence that says that "+name+" is erased", func(screen string) bool { return saysErased(screen, name) })
	f.targets[name] = true
}

// Confirm types the confirmation of a restore onto target, and Enter. It refuses if the
// test has not asserted what the screen says of that target, or if the screen has come
// to say something else: a test that erases blindly proves nothing.
func (f *face) Confirm(target string) {
	f.t.Helper()
	switch {
	case !f.targets[target]:
		f.t.Fatalf("refusing to confirm the erasure of %q: call AssertTarget(%q) before, on the page that asks\n%s", target, target, f.picture())
		return
	case !saysErased(f.Screen(), target):
		f.t.Fatalf("refusing to confirm: the screen no longer says that %q is erased\n%s", target, f.picture())
		return
	}
	f.WaitFor("the confirmation to be asked for", func(screen string) bool { return asks.MatchString(screen) })
	for _, r := range phrase(f.Screen(), target) {
		if r == ' ' {
			f.Press("space")
			continue
		}
		f.Press(string(r))
	}
	f.Press("enter")
}

// phrase is what the screen asks for to confirm the erasure of target. In training a name
// stands there that cannot exist.
func phrase(screen, target string) string {
	if train := "train/" + target; strings.Contains(screen, train) || strings.Contains(screen, "TRAINING") {
		target = train
	}
	if onto := "overwrite " + target; strings.Contains(screen, onto) {
		return onto
	}
	return target
}

var (
	asks      = regexp.MustCompile(`type( the name| its name| (overwrite )?train/|:| first:)|cannot be submitted`)
	boxes     = regexp.MustCompile(`[\x{2500}-\x{257f}|]+`)
	asides    = regexp.MustCompile(`\([^()]*\)`)
	sentences = regexp.MustCompile(`[.!?:](\s|$)`)
)

// saysErased looks for a sentence that says "NAME … erased" with nothing between the
// two that would make another cluster of it or deny it: the source stands before the
// target in the same sentence. A narrow screen folds a sentence, so that up to three
// lines are read together; what stands in parentheses is an aside.
func saysErased(screen, name string) bool {
	// A cluster's name is made of letters, digits and hyphens: "prod" is not "prod-2".
	says := regexp.MustCompile(`(?:^|[^A-Za-z0-9-])` + regexp.QuoteMeta(name) + `((?:[^A-Za-z0-9-].*?)?)\b(?i:erased)\b`)
	other := regexp.MustCompile(`\b(onto|into|over|to|from|with|not|nothing|never)\b`)
	lines := strings.Split(boxes.ReplaceAllString(screen, " "), "\n")
	for i := range lines {
		for n := 1; n <= 3 && i+n <= len(lines); n++ {
			text := asides.ReplaceAllString(strings.Join(lines[i:i+n], " "), " ")
			for _, s := range sentences.Split(text, -1) {
				if m := says.FindStringSubmatch(s); m != nil && !other.MatchString(m[1]) {
					return true
				}
			}
		}
	}
	return false
}
