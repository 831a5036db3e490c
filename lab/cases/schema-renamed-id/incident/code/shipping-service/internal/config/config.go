// Package config reads what differs between environments.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// Config of one running instance.
type Config struct {
	Brokers  []string
	Group    string
	DBURL    string
	Port     int
	Instance string
	LogDir   string
	// Prefix is put before every topic's name; tests use it, production does not.
	Prefix string
}

// FromEnv reads the environment; everything that is missing or wrong is told at once.
func FromEnv() (Config, error) {
	hostname, _ := os.Hostname()
	c := Config{
		Group:    cmp.Or(os.Getenv("KAFKA_GROUP"), "shipping-service"),
		Instance: cmp.Or(os.Getenv("INSTANCE"), "shipping-service-"+hostname),
		LogDir:   os.Getenv("LOG_DIR"),
		Prefix:   os.Getenv("TOPIC_PREFIX"),
	}
	var problems []error
	if brokers := os.Getenv("KAFKA_BOOTSTRAP"); brokers != "" {
		c.Brokers = strings.Split(brokers, ",")
	} else {
		problems = append(problems, errors.New("KAFKA_BOOTSTRAP is not set"))
	}
	var err error
	if c.DBURL, err = dsn(os.Getenv("DB_URL"), os.Getenv("DB_USER"), os.Getenv("DB_PASSWORD")); err != nil {
		problems = append(problems, err)
	}
	if c.Port, err = strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8084")); err != nil {
		problems = append(problems, fmt.Errorf("PORT: %w", err))
	}
	return c, errors.Join(problems...)
}

// dsn puts user and password, which come from the secret store, into the URL, which comes from the deployment.
func dsn(raw, user, password string) (string, error) {
	if raw == "" {
		return "", errors.New("DB_URL is not set")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "", fmt.Errorf("DB_URL: %w", err)
	}
	switch {
	case user != "" && password != "":
		u.User = url.UserPassword(user, password)
	case user != "":
		u.User = url.User(user)
	}
	return u.String(), nil
}
