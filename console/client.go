package console

var clientRoutes = []route{}
var clientPhrases = phrases{}
