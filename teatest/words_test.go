package teatest_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"atlas-restore/ui/steps"
)

// said finds what a glossary calls by another name. A name that is all capitals, or has one, is
// looked for as it is written; others in any case. It stands at the bounds of words.
func said(never string) *regexp.Regexp {
	expr := `\b` + regexp.QuoteMeta(never) + `s?\b`
	if strings.ToLower(never) == never {
		expr = `(?i)` + expr
	}
	return regexp.MustCompile(expr)
}

// texts are all that a person can be told: the words in the code of the program, the README, the
// scenarios, and the screens as they were recorded. What the embedded Atlas answers are Atlas's
// own words.
func texts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := ".."
	manual := filepath.Join(root, "ui", "manual")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if strings.HasPrefix(name, ".") && path != root || name == "findings" || name == "fuzz" || name == "recordings" {
				return filepath.SkipDir
			}
			return nil
		}
		switch {
		case strings.HasSuffix(name, "_test.go"), filepath.Dir(path) == filepath.Join(root, "atlasclient", "simulator"):
		case filepath.Ext(name) == ".go" && filepath.Dir(path) != filepath.Join(root, "teatest"):
			return literals(path, out)
		case name == "README.md", filepath.Dir(path) == manual, filepath.Ext(name) == ".golden", filepath.Ext(name) == ".yaml" && strings.Contains(path, "scenario"):
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text := string(raw)
			if name == "words.md" { // its glossary says what is never said
				text = regexp.MustCompile(`(?s)<!-- glossary -->.*<!-- /glossary -->`).ReplaceAllString(text, "")
			}
			out[path] = strings.Join(strings.Fields(text), " ") // folded lines are one
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// literals takes the texts of more than one word that stand in a file of Go.
func literals(path string, out map[string]string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if n.Kind == token.STRING && err == nil && strings.Contains(text, " ") && filepath.Base(path) != "glossary.go" {
				out[fmt.Sprintf("%s:%d", path, set.Position(n.Pos()).Line)] += text + "\n"
			}
		}
		return true
	})
	return nil
}

// One thing has one name in every text of the program.
func TestOneNameForOneThing(t *testing.T) {
	t.Parallel()
	all := texts(t)
	var inCode, recorded int
	for where := range all {
		if strings.Contains(where, ".go:") {
			inCode++
		} else if strings.HasSuffix(where, ".golden") {
			recorded++
		}
	}
	if inCode < 1000 || recorded < 50 || all[filepath.Join("..", "README.md")] == "" {
		t.Fatalf("%d texts in code and %d screens were found: the test looks in the wrong place", inCode, recorded)
	}
	low := make(map[string]string, len(all))
	for where, text := range all {
		low[where] = strings.ToLower(text)
	}
	for _, term := range steps.Glossary() {
		for _, never := range term.Never {
			name, near := said(never), strings.ToLower(never)
			for where, text := range all {
				if !strings.Contains(low[where], near) {
					continue // which is found out sooner
				}
				if at := name.FindStringIndex(text); at != nil {
					t.Errorf("%s: %q, which is called %s: …%s…", where, never, term.Word, text[max(0, at[0]-40):min(len(text), at[1]+40)])
				}
			}
		}
	}
}

// The manual has the glossary that the program shows, row for row.
func TestREADMEHasTheGlossary(t *testing.T) {
	t.Parallel()
	var want bytes.Buffer
	want.WriteString("<!-- glossary -->\n| word | what it is | never called |\n|---|---|---|\n")
	for _, term := range steps.Glossary() {
		fmt.Fprintf(&want, "| %s | %s | %s |\n", term.Word, term.Means, strings.Join(term.Never, ", "))
	}
	want.WriteString("<!-- /glossary -->\n")
	path := filepath.Join("..", "ui", "manual", "words.md")
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE_GOLDEN") == "1" {
		part := regexp.MustCompile(`(?s)<!-- glossary -->.*<!-- /glossary -->\n`)
		if err := os.WriteFile(path, part.ReplaceAllLiteral(readme, want.Bytes()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Contains(readme, want.Bytes()) {
		t.Errorf("the manual's glossary is not the program's; it is:\n%s", want.String())
	}
}

// A command that is named to a person is made in one place, where its words stand as a shell takes
// them. The command line's own help and examples show how it is said.
func TestCommandsAreNamedInOnePlace(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`\batlas-restore (train|watch|jobs|when|runbook|drill|records|sim|man|completion|download|verify|--)`)
	for where, text := range texts(t) {
		if !strings.Contains(where, ".go:") || strings.Contains(where, "ui/command/") {
			continue
		}
		if found := command.FindString(text); found != "" {
			t.Errorf("%s: %q is written out: state.Command makes it", where, found)
		}
	}
}

// A command that is named has the flags that this run had to be given, and none is put together of the
// program's name: those without flags read no state and ask no Atlas.
func TestCommandsKeepTheFlags(t *testing.T) {
	t.Parallel()
	without := []string{"verify", "plan", "sim"} // the others read or ask
	seen := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch slashed := filepath.ToSlash(path); {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "teatest" || strings.HasPrefix(d.Name(), ".") && path != ".."): // what stands in .cache comes and goes
			return filepath.SkipDir
		case filepath.Ext(path) != ".go", strings.HasSuffix(path, "_test.go"), slashed == "../state/command.go":
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		named := strings.Contains(filepath.ToSlash(path), "ui/command/") || strings.Contains(filepath.ToSlash(path), "ui/manual/")
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec: // what stands in the chain of records as it was written, and is made again to be read
				return len(n.Names) == 0 || n.Names[0].Name != "LookAtData"
			case *ast.SelectorExpr:
				if of, ok := n.X.(*ast.Ident); ok && of.Name == "state" && n.Sel.Name == "Program" && !named {
					t.Errorf("%s: a command is put together of state.Program: state.Command makes it", path)
				}
			case *ast.CallExpr:
				of, ok := n.Fun.(*ast.SelectorExpr)
				if !ok || of.Sel.Name != "Command" || len(n.Args) < 2 {
					break
				}
				if x, ok := of.X.(*ast.Ident); !ok || x.Name != "state" {
					break
				}
				seen++
				flags, none := n.Args[0].(*ast.BasicLit)
				word, said := n.Args[1].(*ast.BasicLit)
				if !none || flags.Value != `""` {
					break
				}
				name := ""
				if said {
					name, _ = strconv.Unquote(word.Value)
				}
				if !slices.Contains(without, name) {
					t.Errorf("%s: the command %q is named without the flags of this run", path, name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 20 {
		t.Errorf("%d commands were looked at, %v", seen, err)
	}
}

// What is said when something fails, and after an incident, is plain English: these turns are of
// books, and nobody says them aloud.
func TestPlainWords(t *testing.T) {
	t.Parallel()
	turns := regexp.MustCompile(`(?i)\b(anew|can(not)? be had|heeded|whose it is|lapses|is no good|in place of|no such|lets nothing through|needs not|by whom)\b`)
	n := 0
	for where, text := range texts(t) {
		_, file := filepath.Split(strings.SplitN(where, ":", 3)[0])
		scenario := strings.HasSuffix(where, ".yaml") && strings.Contains(where, "scenarios")
		if file != "advice.go" && file != "cause.go" && filepath.Ext(file) != ".md" && !scenario {
			continue
		}
		n++
		if at := turns.FindStringIndex(text); at != nil {
			t.Errorf("%s: …%s…", where, text[max(0, at[0]-60):min(len(text), at[1]+40)])
		}
	}
	if n < 60 {
		t.Errorf("%d texts were looked at", n)
	}
}
