package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// The list of what is in a binary, as CycloneDX 1.6 has it: https://cyclonedx.org/docs/1.6/json/
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		SpecVersion  string       `json:"specVersion"`
		SerialNumber string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		PURL       string     `json:"purl,omitempty"`
		Hashes     []hash     `json:"hashes,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	hash struct {
		Algorithm string `json:"alg"`
		Content   string `json:"content"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref       string   `json:"ref"`
		DependsOn []string `json:"dependsOn,omitempty"`
	}
)

// materials lists the modules of a binary as it says itself, which is what go version -m prints,
// with Go's own library.
func (r *release) materials(binary string) ([]byte, error) {
	raw, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	self := component{
		Type: "application", Ref: "atlas-restore@" + r.version, Name: "atlas-restore", Version: r.version,
		Hashes: []hash{{"SHA-256", fmt.Sprintf("%x", sum)}},
	}
	for _, s := range info.Settings {
		self.Properties = append(self.Properties, property{"go:build:" + s.Key, s.Value})
	}
	library := strings.TrimPrefix(info.GoVersion, "go")
	all := []component{{Type: "library", Ref: "pkg:golang/std@" + library, Name: "std", Version: library, PURL: "pkg:golang/std@" + library}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			return nil, fmt.Errorf("module %s is replaced: what is released is built of what everybody can get", m.Path)
		}
		ref := "pkg:golang/" + m.Path + "@" + strings.ReplaceAll(m.Version, "+", "%2B")
		all = append(all, component{
			Type: "library", Ref: ref, Name: m.Path, Version: m.Version, PURL: ref,
			Properties: []property{{"go:sum", m.Sum}}, // Go's own, of a module's files: no hash of one file
		})
	}
	needs := dependency{Ref: self.Ref}
	for _, c := range all {
		needs.DependsOn = append(needs.DependsOn, c.Ref)
	}
	out, err := json.MarshalIndent(bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		SerialNumber: fmt.Sprintf("urn:uuid:%x-%x-5%x-8%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]),
		Metadata:     metadata{Timestamp: r.date.Format(time.RFC3339), Component: self},
		Components:   all, Dependencies: []dependency{needs},
	}, "", "  ")
	return append(out, '\n'), err
}
