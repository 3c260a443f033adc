package main

import (
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"sync"
)

// FerretDB finds what it updates and writes it in two steps, so of many updates that are guarded by the same value
// several would win. MongoDB changes a document in one step. So commands go to FerretDB one at a time, except those
// that change nothing.
var turns sync.RWMutex

var changesNothing = map[string]bool{
	"find": true, "getMore": true, "listCollections": true, "listIndexes": true,
}

// By these, and by messages of an older form, a driver finds out whether the server lives: they must not wait for a long
// command of somebody else.
var asksForLife = map[string]bool{"hello": true, "ismaster": true, "isMaster": true, "ping": true}

const (
	// A message: length, id, id of what it answers, operation; each four bytes, little-endian.
	headerBytes = 16
	opMessage   = 2013
	// In an OP_MSG: flags (4), kind of section (1), length of the document (4), type of its first member (1).
	commandName = headerBytes + 4 + 1 + 4 + 1
	moreToCome  = 2
	mostBytes   = 48_000_000
)

func inTurn(listener net.Listener, socket string) error {
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer client.Close()
			if err := pass(client, socket); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				log.Print(err)
			}
		}()
	}
}

func pass(client net.Conn, socket string) error {
	server, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	defer server.Close()
	for {
		request, err := readMessage(client)
		if err != nil {
			return err
		}
		answer, err := ask(server, request)
		if err != nil {
			return err
		}
		if _, err := client.Write(answer); err != nil {
			return err
		}
	}
}

func ask(server net.Conn, request []byte) ([]byte, error) {
	switch name := nameOf(request); {
	case asksForLife[name] || !isMessage(request):
	case changesNothing[name]:
		turns.RLock()
		defer turns.RUnlock()
	default:
		turns.Lock()
		defer turns.Unlock()
	}
	if nameOf(request) == "update" && request[headerBytes]&moreToCome == 0 {
		return update(server, request)
	}
	return exchange(server, request)
}

func exchange(server net.Conn, request []byte) ([]byte, error) {
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	if isMessage(request) && request[headerBytes]&moreToCome != 0 {
		return nil, nil // nobody waits for an answer
	}
	return readMessage(server)
}

func isMessage(request []byte) bool {
	return len(request) > commandName && binary.LittleEndian.Uint32(request[12:]) == opMessage
}

func nameOf(request []byte) string {
	if !isMessage(request) {
		return ""
	}
	for end := commandName; end < len(request); end++ {
		if request[end] == 0 {
			return string(request[commandName:end])
		}
	}
	return ""
}

func readMessage(from io.Reader) ([]byte, error) {
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header)
	if length < headerBytes || length > mostBytes {
		return nil, errors.New("not a message of this protocol")
	}
	message := make([]byte, length)
	copy(message, header)
	_, err := io.ReadFull(from, message[headerBytes:])
	return message, err
}
