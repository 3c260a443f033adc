package main

import (
	"encoding/binary"
	"fmt"
	"net"

	"github.com/FerretDB/wire"
	"github.com/FerretDB/wire/wirebson"
)

// An update of many statements keeps a connection to SQLite for each until its end: with a hundred it waits for ever. And
// it ends at the first statement that fails, without saying which, as if they were ordered. So each statement is sent by
// itself, and the answers are put together as MongoDB's would be.
func update(server net.Conn, request []byte) ([]byte, error) {
	command, statements, err := statementsOf(request)
	if err != nil {
		return nil, err
	}
	if len(statements) < 2 {
		return exchange(server, request)
	}
	ordered, isSaid := command.Get("ordered").(bool)
	var matched, modified int32
	upserted, failed := wirebson.MakeArray(0), wirebson.MakeArray(0)
	for index, statement := range statements {
		one, err := alone(command, statement, request)
		if err != nil {
			return nil, err
		}
		answer, err := exchange(server, one)
		if err != nil {
			return nil, err
		}
		result, err := decode(answer)
		if err != nil {
			return nil, err
		}
		if ok, _ := result.Get("ok").(float64); ok != 1 {
			return answer, nil
		}
		matched += count(result, "n")
		modified += count(result, "nModified")
		if err := renumber(result, "upserted", int32(index), upserted); err != nil {
			return nil, err
		}
		if err := renumber(result, "writeErrors", int32(index), failed); err != nil {
			return nil, err
		}
		if failed.Len() > 0 && (ordered || !isSaid) {
			break
		}
	}
	result := wirebson.MustDocument("n", matched, "nModified", modified)
	for name, list := range map[string]*wirebson.Array{"upserted": upserted, "writeErrors": failed} {
		if list.Len() == 0 {
			continue
		}
		if err := result.Add(name, list); err != nil {
			return nil, err
		}
	}
	if err := result.Add("ok", float64(1)); err != nil {
		return nil, err
	}
	return message(result, 0, binary.LittleEndian.Uint32(request[4:]))
}

func statementsOf(request []byte) (*wirebson.Document, []wirebson.RawDocument, error) {
	var body wire.OpMsg
	if err := body.UnmarshalBinaryNocopy(request[headerBytes:]); err != nil {
		return nil, nil, err
	}
	command, err := body.RawSection0().Decode()
	if err != nil {
		return nil, nil, err
	}
	for _, section := range body.Sections() {
		if section.Kind == 1 && section.Identifier == "updates" {
			return command, section.Documents(), nil
		}
	}
	list, isList := command.Get("updates").(wirebson.AnyArray)
	if !isList {
		return command, nil, nil
	}
	array, err := list.Decode()
	if err != nil {
		return nil, nil, err
	}
	var statements []wirebson.RawDocument
	for index := range array.Len() {
		statement, isDocument := array.Get(index).(wirebson.RawDocument)
		if !isDocument {
			return nil, nil, fmt.Errorf("statement %d of an update is no document", index)
		}
		statements = append(statements, statement)
	}
	return command, statements, nil
}

func alone(command *wirebson.Document, statement wirebson.RawDocument, request []byte) ([]byte, error) {
	one := wirebson.MakeDocument(command.Len() + 1)
	for index := range command.Len() {
		name, value := command.GetByIndex(index)
		if name == "updates" {
			continue
		}
		if err := one.Add(name, value); err != nil {
			return nil, err
		}
	}
	if err := one.Add("updates", wirebson.MustArray(statement)); err != nil {
		return nil, err
	}
	return message(one, binary.LittleEndian.Uint32(request[4:]), 0)
}

func message(document *wirebson.Document, id, answers uint32) ([]byte, error) {
	body, err := wire.NewOpMsg(document)
	if err != nil {
		return nil, err
	}
	bytes, err := body.MarshalBinary()
	if err != nil {
		return nil, err
	}
	header := binary.LittleEndian.AppendUint32(nil, uint32(headerBytes+len(bytes)))
	for _, number := range []uint32{id, answers, opMessage} {
		header = binary.LittleEndian.AppendUint32(header, number)
	}
	return append(header, bytes...), nil
}

func decode(answer []byte) (*wirebson.Document, error) {
	var body wire.OpMsg
	if err := body.UnmarshalBinaryNocopy(answer[headerBytes:]); err != nil {
		return nil, err
	}
	return body.RawSection0().DecodeDeep()
}

func count(result *wirebson.Document, name string) int32 {
	number, _ := result.Get(name).(int32)
	return number
}

// What was said of the only statement is said of the one that it was in the command.
func renumber(result *wirebson.Document, name string, index int32, into *wirebson.Array) error {
	list, isList := result.Get(name).(*wirebson.Array)
	if !isList {
		return nil
	}
	for each := range list.Len() {
		entry, isDocument := list.Get(each).(*wirebson.Document)
		if !isDocument {
			return fmt.Errorf("%s is not a list of documents", name)
		}
		if err := entry.Replace("index", index); err != nil {
			return err
		}
		if err := into.Add(entry); err != nil {
			return err
		}
	}
	return nil
}
