// FerretDB with its SQLite backend: ferretdb ADDRESS FOLDER. Its own command does not build without generated files.
package main

import (
	"context"
	"log"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: ferretdb ADDRESS FOLDER")
	}
	address, folder := os.Args[1], os.Args[2]
	socket := filepath.Join(folder, "socket")
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) { // left by one that was killed
		log.Fatal(err)
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{Unix: socket},
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:  "sqlite",
		// What it wrote survives its own death; against a loss of power it is not tested.
		SQLiteURL: "file:" + folder + "/?_pragma=synchronous(off)",
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(server.Run(context.Background())) }()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(inTurn(listener, socket))
}
