package fetch

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"atlas-restore/state"
	"atlas-restore/state/text"
)

// firstPort is where the first of the files is opened: not where a mongod mostly listens.
const firstPort = 27117

// Stem is the name of a file without its ending: what it is unpacked into.
func Stem(name string) string {
	for _, ending := range []string{".tar.gz", ".tgz", ".tar"} {
		if stem, ok := strings.CutSuffix(name, ending); ok && stem != "" {
			return stem
		}
	}
	return name + ".unpacked"
}

// Mongod is the command that opens the data of a file, from the directory of the download, on a port
// of this machine alone.
func (f ManifestFile) Mongod(port int) string {
	at := path.Join(Stem(f.Name), text.Clean(f.DataDir))
	return fmt.Sprintf("mongod --dbpath %s --bind_ip 127.0.0.1 --port %d", state.ShellWord(at), port)
}

// unpack are the commands that unpack it beside itself, for nobody else's eyes.
func (f ManifestFile) unpack() string {
	into := state.ShellWord(Stem(f.Name))
	return fmt.Sprintf("mkdir -m 700 %s && tar -xzf %s -C %s", into, state.ShellWord(f.Name), into)
}

// proven are the files that can be opened.
func (m Manifest) proven() (all []ManifestFile) {
	for _, f := range m.Files {
		if f.State == FileProven {
			all = append(all, f)
		}
	}
	return all
}

// Series says which mongod the files were written for. It does not say that it starts.
func (m Manifest) Series() string {
	var opens []string
	for _, f := range m.proven() {
		for _, v := range f.Opens {
			if !slices.Contains(opens, v) {
				opens = append(opens, v)
			}
		}
	}
	version, fcv := text.Clean(m.MongoDBVersion), text.Clean(m.FCV)
	parts := strings.Split(version, ".")
	series := ""
	if len(parts) >= 2 {
		series = parts[0] + "." + parts[1]
	}
	said := ""
	if fcv != "" {
		said = " (featureCompatibilityVersion " + fcv + ")"
	}
	switch {
	case series != "" && (len(opens) == 0 || slices.Contains(opens, series)):
		return fmt.Sprintf("mongod %s, %s or later: MongoDB %s wrote the files%s", series, version, version, said)
	case len(opens) > 0:
		return fmt.Sprintf("mongod %s%s, not older than the one that wrote them", strings.Join(opens, " or "), said)
	}
	return "the mongod of the cluster at that time: neither Atlas nor the files tell its version"
}

// InShort are the lines that a person needs first; dir is the directory of the download. There are
// none where no file is proven.
func (m Manifest) InShort(dir string) (lines []string) {
	all := m.proven()
	if len(all) == 0 {
		return nil
	}
	take := "To open it here, take " + m.Series() + "."
	if len(all) > 1 {
		take += " Start each mongod in a terminal of its own."
	}
	lines = append(lines, take, "cd "+state.ShellWord(dir))
	for i, f := range all {
		if f.Directory == "" {
			lines = append(lines, f.unpack())
		}
		lines = append(lines, f.Mongod(firstPort+i))
	}
	return lines
}

// Guide is how to open the files on a machine of one's own, as a text in Markdown; sums is the list
// of checksums beside it. It is empty where no file is proven.
func (m Manifest) Guide(sums string) []byte {
	all := m.proven()
	if len(all) == 0 {
		return nil
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	code := func(commands ...string) { line("\n```\n%s\n```\n", strings.Join(commands, "\n")) }
	unpacked := !slices.ContainsFunc(all, func(f ManifestFile) bool { return f.Directory == "" })

	line("# Open these files on a machine of your own\n")
	line("%s\n", m.origin())
	if !m.Complete {
		line("**The download is not complete:** %d of %d files are proven. The others are told in the manifest.\n", len(all), len(m.Files))
	}
	line("They hold everything that the cluster held at that moment: treat the machine as you treat the cluster.")
	line("The proof says that the files are as they were written. It does not say that a mongod starts on them.\n")
	line("1. Take %s.", m.Series())
	line("2. Check that the files are still those that were proven:")
	code("sha256sum -c " + state.ShellWord(sums))
	if unpacked {
		line("3. They are unpacked already, each beside its .tar.gz. Only you can read the directories.")
	} else {
		line("3. Unpack with GNU tar. The tar of macOS and BSD (bsdtar) ignores a wrong checksum of gzip and drops what it")
		line("   cannot read without a word; there, take gtar, or %s.", state.Command("", "verify", "--extract", "FILE"))
		var commands []string
		for _, f := range all {
			if f.Directory == "" {
				commands = append(commands, f.unpack())
			}
		}
		code(commands...)
	}
	line("4. Start it as the user that owns the files. Others are refused (\"Operation not permitted\"), even where they may")
	line("   read and write; then `sudo chown -R USER DIRECTORY` helps. No --replSet, no --auth: it is a server of its own, and")
	line("   only this machine can reach it, but with it every user of this machine.")
	if len(all) > 1 {
		line("   Each stays in the foreground: start each in a terminal of its own, in this directory.")
	}
	for i, f := range all {
		code(f.Mongod(firstPort + i))
	}
	line("   If mongod names an option with which the files were made, like --directoryperdb, add it.")
	var look, stop []string // of each that was started
	for i := range all {
		dump := "dump"
		if len(all) > 1 {
			dump = fmt.Sprintf("dump-%d", firstPort+i)
		}
		look = append(look, fmt.Sprintf("mongosh --port %d", firstPort+i), fmt.Sprintf("mongodump --port %d --db DATABASE --out %s", firstPort+i, dump))
		stop = append(stop, fmt.Sprintf("mongosh --port %d admin --eval 'db.shutdownServer()'", firstPort+i))
	}
	line("5. Look at the data, or take a part of it along:")
	code(look...)
	if len(all) > 1 {
		line("6. Stop each of them:")
	} else {
		line("6. Stop it:")
	}
	code(stop...)
	line("7. A mongod writes into its directory: what is proven of it holds no longer. The .tar.gz stays as it is. At the end,")
	line("   when no mongod runs on them any more, remove both:")
	var names []string
	for _, f := range all {
		names = append(names, state.ShellWord(Stem(f.Name)), state.ShellWord(f.Name))
	}
	code("rm -r " + strings.Join(names, " "))
	if len(m.Files) > 1 {
		line("## A sharded cluster\n")
		line("Each file is one replica set. Open each with a mongod of its own, on a port of its own, as above: no one of them")
		line("has all the data. A document can be in two of them, if Atlas was moving it at that moment. The config server's file")
		line("has the collection config.chunks, which tells what is where, and none of your data unless it is a shard too. To ask all")
		line("shards at once takes a sharded cluster: restore the snapshot onto one in Atlas instead.\n")
	}
	if e := text.Clean(m.Encryption); e != "" {
		line("## The customer's own key (%s)\n", e)
		line("The cluster is encrypted with your own key. Files that are encrypted with it open only with MongoDB Enterprise and")
		line("the KMIP proxy, which Atlas offers where it shows the download, and only as long as the key is there. What is")
		line("encrypted was not checked.\n")
	}
	return []byte(b.String())
}

// origin says in a sentence where the files come from.
func (m Manifest) origin() string {
	said := "These files are of snapshot " + text.Clean(m.Snapshot)
	if m.Cluster != "" {
		said += " of the cluster " + text.Clean(m.Cluster)
	}
	if p := text.Clean(m.Project); p != "" {
		said += " in the project " + p
	}
	if m.SnapshotAt != nil {
		said += ", from " + m.SnapshotAt.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	if m.Training {
		return "TRAINING: nothing of this is real. " + said + "."
	}
	return said + "."
}
