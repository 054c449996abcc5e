package state

// Program is the name of this program.
const Program = "atlas-restore"

// Plugin is how the Atlas CLI starts this program, as a plugin of it.
const Plugin = "atlas restore"

// started is how this process was started.
var started = Program

// AsPlugin has each command that is printed from now on begin as the Atlas CLI starts it: this
// program alone may be on no path. It is called before anything else is done, by the process
// that the Atlas CLI has started.
func AsPlugin() { started = Plugin }

// Started is how this process was started: Program or Plugin.
func Started() string { return started }

// Command is a command of this program that runs as it is printed: each word stands as a shell
// takes it, and flags, which are empty or begin with a blank, come last. Every hint that names a
// command is made here.
func Command(flags string, words ...string) string {
	command := started
	for _, w := range words {
		command += " " + ShellWord(w)
	}
	return command + flags
}
