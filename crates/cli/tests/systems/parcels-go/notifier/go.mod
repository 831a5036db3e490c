module example.org/notifier
go 1.22
