package simulator

import (
	"fmt"
	"net/url"
	"slices"
)

// What is in a snapshot: names, no more than that.

// listContents lists the databases in a snapshot.
func listContents(c *call) (any, error) {
	all, err := c.contents()
	if err != nil {
		return nil, err
	}
	return c.names(databases(all))
}

// getContent answers for one of them.
func getContent(c *call) (any, error) {
	if _, err := c.inDatabase(); err != nil {
		return nil, err
	}
	return c.name(c.self(), c.r.PathValue("databaseName")), nil
}

// listCollections lists the collections of a database in a snapshot.
func listCollections(c *call) (any, error) {
	all, err := c.inDatabase()
	if err != nil {
		return nil, err
	}
	return c.names(all)
}

func getCollection(c *call) (any, error) {
	all, err := c.inDatabase()
	if err != nil {
		return nil, err
	}
	name := c.r.PathValue("collectionName")
	if !slices.Contains(all, name) {
		return nil, refuse(404, "RESOURCE_NOT_FOUND", fmt.Sprintf("No collection named %s exists in this snapshot.", name), name)
	}
	return c.name(c.self(), name), nil
}

// contents are the collections in the snapshot that the path names.
func (c *call) contents() ([]collection, error) {
	x, s, err := c.pathSnapshot()
	if err != nil {
		return nil, err
	}
	if status := s.Status(c.now); status != "completed" { // no code for it is documented
		return nil, refuse(400, "UNEXPECTED_ERROR", fmt.Sprintf("Snapshot %s is %s: it holds nothing yet.", s.ID, status), s.ID)
	}
	return c.w.data(x, s.Taken), nil
}

// inDatabase are the names of the collections in the database that the path names.
func (c *call) inDatabase() ([]string, error) {
	all, err := c.contents()
	if err != nil {
		return nil, err
	}
	var out []string
	database := c.r.PathValue("databaseName")
	for _, k := range all {
		if k.database == database {
			out = append(out, k.collection)
		}
	}
	if len(out) == 0 {
		return nil, refuse(404, "RESOURCE_NOT_FOUND", fmt.Sprintf("No database named %s exists in this snapshot.", database), database)
	}
	return out, nil
}

func (c *call) names(all []string) (any, error) {
	base := c.base + c.r.URL.EscapedPath()
	return c.list(len(all), func(i int) object { return c.name(base+"/"+url.PathEscape(all[i]), all[i]) })
}

func (c *call) name(url, name string) object {
	return object{"links": []object{link(url, "self")}, "name": name}
}
