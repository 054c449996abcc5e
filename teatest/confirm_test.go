package teatest

import "testing"

func TestSaysErased(t *testing.T) {
	t.Parallel()
	for screen, want := range map[string]bool{
		"onto   shop-2 (Prod), which is erased first.":                             true,
		"│ onto │ shop-2 itself (Prod: EU),         │\n│ which is erased first. │": true,
		"All data of shop-2 is erased, then written":                               true,
		"shop-2 (restored over others)\nis erased":                                 true,
		"Restore shop-2 onto shop-3, which is erased first":                        false,
		"Restore onto shop-22, which is erased first":                              false,
		"Restore onto my-shop-2, which is erased first":                            false,
		"onto shop-2. Nothing is erased":                                           false,
		"shop-2 is not erased":                                                     false,
		"shop-2":                                                                   false,
		"":                                                                         false,
	} {
		if got := saysErased(screen, "shop-2"); got != want {
			t.Errorf("%q: %v", screen, got)
		}
	}
}
