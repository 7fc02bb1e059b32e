package risk

import "sofipo/core/lang"

// Texts are those of the classifications, stages, regimes and portfolios at risk.
var Texts = lang.Texts{
	Consumer:    {EN: "consumer", ES: "consumo"},
	Microcredit: {EN: "microcredit", ES: "microcrédito"},
	Housing:     {EN: "housing", ES: "vivienda"},
	Commercial:  {EN: "commercial", ES: "comercial"},

	Stage1: {EN: "stage 1", ES: "etapa 1"},
	Stage2: {EN: "stage 2", ES: "etapa 2"},
	Stage3: {EN: "stage 3", ES: "etapa 3"},

	Stages:         {EN: "by stages", ES: "por etapas"},
	VigenteVencida: {EN: "current or overdue", ES: "vigente o vencida"},

	PAR1:  {EN: "one day late or more", ES: "cartera con un día de atraso o más"},
	PAR30: {EN: "more than 30 days late", ES: "cartera con más de 30 días de atraso"},
	PAR90: {EN: "more than 90 days late", ES: "cartera con más de 90 días de atraso"},

	SinglePayment:   {EN: "single payment of principal and interest", ES: "pago único de capital e intereses"},
	SinglePrincipal: {EN: "single payment of principal, interest by period", ES: "pago único de capital e intereses periódicos"},
	Periodic:        {EN: "periodic payments of principal and interest", ES: "pagos periódicos de capital e intereses"},
	Revolving:       {EN: "revolving", ES: "revolvente"},
	Overdraft:       {EN: "overdraft", ES: "sobregiro"},

	OfInstalment: {EN: "days late of the instalment", ES: "días de atraso de la amortización"},
	OfPrincipal:  {EN: "days late of principal", ES: "días de atraso del capital"},
	OfInterest:   {EN: "days late of interest", ES: "días de atraso de los intereses"},
}
