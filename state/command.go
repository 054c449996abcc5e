package state

// Program is the name of this program.
const Program = "atlas-restore"

// Command is a command of this program that runs as it is printed: each word stands as a shell
// takes it, and flags, which are empty or begin with a blank, come last. Every hint that names a
// command is made here.
func Command(flags string, words ...string) string {
	command := Program
	for _, w := range words {
		command += " " + ShellWord(w)
	}
	return command + flags
}
