package proof

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// Directory proves an unpacked data directory, or one above several. An error is that the
// directory cannot be read, the context's, or that there is no room for notes: then nothing
// is judged.
func Directory(ctx context.Context, dir string, o Options) (Report, error) {
	report := newReport(dir)
	report.Directory = true
	root, err := os.OpenRoot(dir)
	if err != nil {
		return report, fmt.Errorf("opening the directory: %w", err)
	}
	defer func() { _ = root.Close() }() // nothing was written
	p := newPass(o)
	defer p.close()
	p.source = func(name string) (io.ReaderAt, io.Closer, error) {
		f, err := root.Open(name)
		if err != nil {
			return nil, nil, fmt.Errorf("opening %s once more: %w", name, err)
		}
		return f, f, nil
	}
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			if name == "." {
				return err
			}
			report.found(quoted(name), Unchecked, "it cannot be read: %v", plain(err))
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && name != "." && strings.HasSuffix(name, ".part"):
			report.found(quoted(name), Unchecked, "it is a part of what was to be unpacked there, which has not come to its end")
			return fs.SkipDir
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			report.found(quoted(name), Unchecked, "it is a link or a device, which is not followed")
			return nil
		}
		return p.takeFile(ctx, &report, root, name, o)
	})
	if err != nil {
		return report, fmt.Errorf("reading %s: %w", dir, err)
	}
	if err := p.databases(ctx, &report, true); err != nil {
		return report, err
	}
	report.judge()
	return report, nil
}

// takeFile reads one file of a directory. One that cannot be read is not checked.
func (p *pass) takeFile(ctx context.Context, report *Report, root *os.Root, name string, o Options) error {
	f, err := root.Open(name)
	if err != nil {
		report.found(quoted(name), Unchecked, "it cannot be read: %v", plain(err))
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		report.found(quoted(name), Unchecked, "it cannot be read: %v", plain(err))
		return nil
	}
	before := report.Bytes
	in := &counted{ctx: ctx, r: f, tell: func(n int64) {
		if o.Read != nil {
			o.Read(before + n)
		}
	}}
	err = p.take(name, info.Size(), in)
	report.Bytes += in.at
	switch {
	case err == nil:
		return nil
	case in.err != nil && ctx.Err() == nil:
		report.found(quoted(name), Unchecked, "it cannot be read to its end: %v", plain(in.err))
		return nil
	}
	return err
}

// plain is an error of a file without its name, which stands beside it.
func plain(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
