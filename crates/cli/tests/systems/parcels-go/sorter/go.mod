module example.org/sorter
go 1.22
