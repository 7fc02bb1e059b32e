package risk

import "sofipo/core/lang"

// Texts has the texts of the classifications, stages, regimes and portfolios at risk.
var Texts = lang.Texts{
	Consumer:    {EN: "consumer", ES: "consumo"},
	Microcredit: {EN: "microcredit", ES: "microcrédito"},
	Housing:     {EN: "housing", ES: "vivienda"},
	Commercial:  {EN: "commercial", ES: "comercial"},

	Stage1: {EN: "stage 1", ES: "etapa 1"},
	Stage2: {EN: "stage 2", ES: "etapa 2"},
	Stage3: {EN: "stage 3", ES: "etapa 3"},

	Stages:         {EN: "by stage", ES: "por etapa"},
	VigenteVencida: {EN: "performing or non-performing", ES: "vigente o vencida"},

	PAR1:  {EN: "at least 1 day past due", ES: "cartera con un día de atraso o más"},
	PAR30: {EN: "more than 30 days past due", ES: "cartera con más de 30 días de atraso"},
	PAR90: {EN: "more than 90 days past due", ES: "cartera con más de 90 días de atraso"},

	SinglePayment:   {EN: "single payment of principal and interest", ES: "pago único de capital e intereses"},
	SinglePrincipal: {EN: "single payment of principal, periodic interest", ES: "pago único de capital e intereses periódicos"},
	Periodic:        {EN: "periodic payments of principal and interest", ES: "pagos periódicos de capital e intereses"},
	Revolving:       {EN: "revolving", ES: "revolvente"},
	Overdraft:       {EN: "overdraft", ES: "sobregiro"},

	OfInstalment: {EN: "days past due of the instalment", ES: "días de atraso de la amortización"},
	OfPrincipal:  {EN: "days past due of principal", ES: "días de atraso del capital"},
	OfInterest:   {EN: "days past due of interest", ES: "días de atraso de los intereses"},
}
