// Serves HTTPS and asks for it, with Go's own crypto/tls.
//
//	https serve ADDRESS CERTIFICATE KEY LOG    logs "METHOD PATH STATUS" of each request
//	https get CERTIFICATE TIMES URL…           asks for each URL so many times, over kept-alive connections
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func main() {
	switch os.Args[1] {
	case "serve":
		serve(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	case "get":
		times, err := strconv.Atoi(os.Args[3])
		check(err)
		get(os.Args[2], times, os.Args[4:])
	}
}

func serve(address, certificate, key, path string) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	check(err)
	judge := log.New(file, "", 0)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		switch {
		case r.URL.Path == "/missing":
			status = http.StatusNotFound
		case r.URL.Path == "/broken":
			status = http.StatusInternalServerError
		}
		body, _ := io.ReadAll(r.Body)
		judge.Printf("%s %s %d", r.Method, r.URL.Path, status)
		w.WriteHeader(status)
		if r.URL.Path == "/large" {
			fmt.Fprint(w, strings.Repeat("0123456789", 30_000))
			return
		}
		fmt.Fprintf(w, "hello %d\n", len(body))
	})
	// no HTTP/2: another protocol
	server := &http.Server{Addr: address, Handler: handler, TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}}
	check(server.ListenAndServeTLS(certificate, key))
}

func get(certificate string, times int, urls []string) {
	pem, err := os.ReadFile(certificate)
	check(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
		TLSNextProto:    map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	client := &http.Client{Transport: transport}
	for i := 0; i < times; i++ {
		for _, url := range urls {
			response, err := client.Get(url)
			check(err)
			_, err = io.Copy(io.Discard, response.Body)
			check(err)
			response.Body.Close()
		}
	}
	transport.CloseIdleConnections()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
