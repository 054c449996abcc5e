// Command hello is the floor of what a start can cost: one line, and the end.
package main

import "fmt"

func main() { fmt.Println("hello") }
