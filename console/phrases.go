package console

import (
	"maps"

	"sofipo/core/lang"
	"sofipo/text"
)

// phrases has the texts of pages: the English one, by which templates and code name it, and
// the Spanish one. Parameters and plurals are those of lang.Text. Words of the bank, such as a
// status, a method or a refusal, have their texts at the nouns.
type phrases map[string]string

// allPhrases lists the phrases of all pages.
var allPhrases = []phrases{
	words,
	framePhrases,
	listPhrases,
	sessionPhrases,
	homePhrases,
	linePhrases,
	duePhrases,
	alertPhrases,
	taskPhrases,
	accountPhrases,
	loanPhrases,
	paymentPhrases,
	searchPhrases,
	clientListPhrases,
	loanListPhrases,
	clientPhrases,
	clientTabPhrases, personalPhrases,
	actionPhrases,
	clientFormPhrases,
	userPhrases, apiKeyPhrases,
	rolePhrases,
	placePhrases,
	layoutPhrases,
	productPhrases,
	institutionPhrases,
	importPhrases,
	operationPhrases, webhookPhrases,
	checkPhrases,
	remedyPhrases,
	auditPhrases,
	tillPhrases,
	transactionsPhrases,
	toDisbursePhrases,
	countPhrases,
	closingSheetPhrases,
	tillsPhrases,
	oneTillPhrases,
	collectionsPhrases,
	assignmentPhrases,
	promisesPhrases,
	collectionPhrases,
	incomingPhrases,
	depositPhrases,
	bankFilePhrases,
	quotePhrases,
	simulatorPhrases,
	approvalPhrases,
	applicationPhrases,
	deedPhrases,
	loanPartPhrases,
	whyPhrases,
	portfolioPhrases,
	booksPhrases,
	dayPhrases,
	manualPhrases,
}

// spanish has the phrases of all pages.
var spanish = phrases{}

func init() {
	for _, p := range allPhrases {
		maps.Copy(spanish, p)
	}
}

// phrase returns a phrase in a language, with pairs of names and values of its parameters.
func phrase(l text.Lang, english string, pairs ...any) string {
	values := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i].(string)] = pairs[i+1]
	}
	es, known := spanish[english]
	if !known {
		panic("console: no Spanish for " + english)
	}
	return text.Render(l, lang.Text{EN: english, ES: es}, values)
}
