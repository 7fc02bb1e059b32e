package console

var clientFormRoutes = []route{}
var clientFormPhrases = phrases{}
