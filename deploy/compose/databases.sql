-- One database a service, on each of the two servers.
CREATE DATABASE intake;
CREATE DATABASE assurance;
CREATE DATABASE learning;
